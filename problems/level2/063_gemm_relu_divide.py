"""Linear layer, ReLU, division by a constant: y = relu(x W^T + b) / divisor.

x: (batch_size, in_features), W: (out_features, in_features), b: (out_features,), y: (batch_size, out_features),
all float32.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 1024
in_features = 8192
out_features = 8192
divisor = 2.0


class Model(nn.Module):
    """Linear layer with ReLU and a division behind it."""

    def __init__(self, in_features: int, out_features: int, divisor: float) -> None:
        super().__init__()
        self.linear = nn.Linear(in_features, out_features)
        self.divisor = divisor

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.linear(x))
        return x / self.divisor


def get_inputs() -> list:
    return [torch.randn(batch_size, in_features)]


def get_init_inputs() -> list:
    return [in_features, out_features, divisor]


TIERS = {
    "cpu": {"batch_size": 128, "in_features": 2048, "out_features": 2048},
    "ci": {"batch_size": 32, "in_features": 256, "out_features": 128},
}
UNSEEN = [
    {"batch_size": 23, "in_features": 137, "out_features": 73},
    {"batch_size": 1, "in_features": 521, "out_features": 37},
]
