"""Group normalisation: y = (x - mean) / sqrt(var + 1e-5) * weight + bias, one mean and variance per sample and group.

x: (batch_size, features, dim1, dim2), y: the same, weight and bias: (features,), all float32. A group is
features / num_groups neighbouring channels with all of their pixels; the variance is the biased one.
Differs: every sample and channel has a mean and scale of its own (upstream: uniform in [0, 1)); random weight and bias.
"""

import torch
import torch.nn as nn

batch_size = 112
features = 64
num_groups = 8
dim1 = 512
dim2 = 512


class Model(nn.Module):
    """Group normalisation of images."""

    def __init__(self, num_features: int, num_groups: int) -> None:
        super().__init__()
        self.gn = nn.GroupNorm(num_groups, num_features)
        nn.init.uniform_(self.gn.weight, 0.5, 1.5)
        nn.init.normal_(self.gn.bias, std=0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.gn(x)


def get_inputs() -> list:
    scale = torch.empty(batch_size, features, 1, 1).uniform_(0.5, 2.0)
    shift = torch.randn(batch_size, features, 1, 1)
    return [torch.randn(batch_size, features, dim1, dim2) * scale + shift]


def get_init_inputs() -> list:
    return [features, num_groups]


TIERS = {
    "cpu": {"batch_size": 24, "dim1": 64, "dim2": 64},
    "ci": {"batch_size": 4, "features": 16, "num_groups": 4, "dim1": 32, "dim2": 32},
}
UNSEEN = [
    {"batch_size": 3, "features": 15, "num_groups": 5, "dim1": 17, "dim2": 13},
    {"batch_size": 1, "features": 14, "num_groups": 2, "dim1": 31, "dim2": 1},
    {"batch_size": 5, "features": 7, "num_groups": 7, "dim1": 5, "dim2": 19},
]
