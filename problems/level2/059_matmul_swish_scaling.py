"""Linear layer, Swish, scaling: h = x W^T + b, y = h * sigmoid(h) * scaling_factor.

x: (batch_size, in_features), W: (out_features, in_features), b: (out_features,), y: (batch_size, out_features),
all float32.
Differs: inputs are normal with standard deviation 3, upstream's are uniform in [0, 1) and leave Swish nearly linear.
"""

import torch
import torch.nn as nn

batch_size = 128
in_features = 32768
out_features = 32768
scaling_factor = 2.0


class Model(nn.Module):
    """Linear layer with a scaled Swish behind it."""

    def __init__(self, in_features: int, out_features: int, scaling_factor: float) -> None:
        super().__init__()
        self.matmul = nn.Linear(in_features, out_features)
        self.scaling_factor = scaling_factor

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.matmul(x)
        x = x * torch.sigmoid(x)
        return x * self.scaling_factor


def get_inputs() -> list:
    return [3.0 * torch.randn(batch_size, in_features)]


def get_init_inputs() -> list:
    return [in_features, out_features, scaling_factor]


TIERS = {
    "cpu": {"batch_size": 32, "in_features": 4096, "out_features": 4096},
    "ci": {"batch_size": 16, "in_features": 1024, "out_features": 512},
}
UNSEEN = [
    {"batch_size": 13, "in_features": 521, "out_features": 139},
    {"batch_size": 1, "in_features": 1033, "out_features": 65},
]
