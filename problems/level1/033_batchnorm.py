"""Batch normalisation: y = (x - mean) / sqrt(var + 1e-5) * weight + bias, with one mean and variance per channel.

x: (batch_size, features, dim1, dim2), y: the same, weight and bias: (features,), all float32. The module stays in train
mode: mean and (biased) variance are those of the batch, not the running estimates.
Differs: every channel has a mean and scale of its own (upstream: uniform in [0, 1)); weight and bias are random.
"""

import torch
import torch.nn as nn

batch_size = 64
features = 64
dim1 = 512
dim2 = 512


class Model(nn.Module):
    """Batch normalisation of images with the statistics of the batch."""

    def __init__(self, num_features: int) -> None:
        super().__init__()
        self.bn = nn.BatchNorm2d(num_features)
        nn.init.uniform_(self.bn.weight, 0.5, 1.5)
        nn.init.normal_(self.bn.bias, std=0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.bn(x)


def get_inputs() -> list:
    scale = torch.empty(1, features, 1, 1).uniform_(0.5, 2.0)
    shift = torch.randn(1, features, 1, 1)
    return [torch.randn(batch_size, features, dim1, dim2) * scale + shift]


def get_init_inputs() -> list:
    return [features]


TIERS = {
    "cpu": {"batch_size": 24, "dim1": 64, "dim2": 64},
    "ci": {"batch_size": 4, "features": 16, "dim1": 32, "dim2": 32},
}
UNSEEN = [
    {"batch_size": 3, "features": 5, "dim1": 17, "dim2": 13},
    {"batch_size": 1, "features": 7, "dim1": 31, "dim2": 1},
    {"batch_size": 5, "features": 67, "dim1": 3, "dim2": 7},
]
