"""Linear layer without a bias of its own, a bias parameter added, ReLU: y = max(x W^T + bias, 0).

x: (batch_size, in_features), W: (out_features, in_features), bias: (out_features,), y: (batch_size, out_features),
all float32.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 1024
in_features = 8192
out_features = 8192


class Model(nn.Module):
    """Matrix product, bias and ReLU."""

    def __init__(self, in_features: int, out_features: int, bias_shape: tuple) -> None:
        super().__init__()
        self.gemm = nn.Linear(in_features, out_features, bias=False)
        self.bias = nn.Parameter(0.5 * torch.randn(bias_shape))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.gemm(x) + self.bias)


def get_inputs() -> list:
    return [torch.randn(batch_size, in_features)]


def get_init_inputs() -> list:
    return [in_features, out_features, (out_features,)]


TIERS = {
    "cpu": {"batch_size": 192, "in_features": 2048, "out_features": 2048},
    "ci": {"batch_size": 32, "in_features": 256, "out_features": 128},
}

UNSEEN = [
    {"batch_size": 19, "in_features": 127, "out_features": 71},
    {"batch_size": 1, "in_features": 521, "out_features": 97},
]
