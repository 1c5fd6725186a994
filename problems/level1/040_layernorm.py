"""Layer normalisation of each sample over all of its channels and pixels, followed by an elementwise affine map.

x: (batch_size, features, dim1, dim2), y: the same, weight and bias: (features, dim1, dim2), all float32.
Differs: normal inputs with a mean and scale per sample; random weight and bias, upstream's are ones and zeros.
"""

import torch
import torch.nn as nn

batch_size = 16
features = 64
dim1 = 256
dim2 = 256


class Model(nn.Module):
    """Layer normalisation over the last three dimensions."""

    def __init__(self, normalized_shape: tuple) -> None:
        super().__init__()
        self.ln = nn.LayerNorm(normalized_shape)
        nn.init.uniform_(self.ln.weight, 0.5, 1.5)
        nn.init.normal_(self.ln.bias, std=0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.ln(x)


def get_inputs() -> list:
    scale = torch.empty(batch_size, 1, 1, 1).uniform_(0.5, 2.0)
    shift = torch.randn(batch_size, 1, 1, 1)
    return [torch.randn(batch_size, features, dim1, dim2) * scale + shift]


def get_init_inputs() -> list:
    return [(features, dim1, dim2)]


TIERS = {
    "cpu": {"batch_size": 40, "dim1": 64, "dim2": 64},
    "ci": {"batch_size": 4, "features": 16, "dim1": 32, "dim2": 32},
}
UNSEEN = [
    {"batch_size": 3, "features": 5, "dim1": 17, "dim2": 13},
    {"batch_size": 1, "features": 7, "dim1": 31, "dim2": 1},
]
