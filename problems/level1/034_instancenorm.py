"""Instance normalisation: y = (x - mean) / sqrt(var + 1e-5), with one mean and variance per sample and channel.

x: (batch_size, features, dim1, dim2), y: the same, float32. The variance is the biased one; there is no affine map.
Differs: every sample and channel has a mean and scale of its own; upstream's inputs are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 112
features = 64
dim1 = 512
dim2 = 512


class Model(nn.Module):
    """Instance normalisation of images."""

    def __init__(self, num_features: int) -> None:
        super().__init__()
        self.norm = nn.InstanceNorm2d(num_features)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.norm(x)


def get_inputs() -> list:
    scale = torch.empty(batch_size, features, 1, 1).uniform_(0.5, 2.0)
    shift = torch.randn(batch_size, features, 1, 1)
    return [torch.randn(batch_size, features, dim1, dim2) * scale + shift]


def get_init_inputs() -> list:
    return [features]


TIERS = {
    "cpu": {"batch_size": 24, "dim1": 64, "dim2": 64},
    "ci": {"batch_size": 4, "features": 16, "dim1": 32, "dim2": 32},
}
UNSEEN = [
    {"batch_size": 3, "features": 5, "dim1": 17, "dim2": 13},
    {"batch_size": 1, "features": 67, "dim1": 31, "dim2": 1},
    {"batch_size": 5, "features": 1, "dim1": 23, "dim2": 37},
]
