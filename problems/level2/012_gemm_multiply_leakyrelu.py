"""Linear layer, times a constant, leaky ReLU: y = leaky_relu((x W^T + b) * multiplier).

x: (batch_size, in_features), W: (out_features, in_features), b: (out_features,), y: (batch_size, out_features), all
float32.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 1024
in_features = 8192
out_features = 8192
multiplier = 2.0
negative_slope = 0.1


class Model(nn.Module):
    """Linear layer, multiplication and leaky ReLU."""

    def __init__(self, in_features: int, out_features: int, multiplier: float, negative_slope: float) -> None:
        super().__init__()
        self.linear = nn.Linear(in_features, out_features)
        self.multiplier = multiplier
        self.leaky_relu = nn.LeakyReLU(negative_slope)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.leaky_relu(self.linear(x) * self.multiplier)


def get_inputs() -> list:
    return [torch.randn(batch_size, in_features)]


def get_init_inputs() -> list:
    return [in_features, out_features, multiplier, negative_slope]


TIERS = {
    "cpu": {"batch_size": 128, "in_features": 2048, "out_features": 2048},
    "ci": {"batch_size": 32, "in_features": 256, "out_features": 192},
}
UNSEEN = [
    {"batch_size": 17, "in_features": 131, "out_features": 67},
    {"batch_size": 1, "in_features": 509, "out_features": 37},
]
