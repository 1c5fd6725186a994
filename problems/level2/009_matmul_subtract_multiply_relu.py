"""Linear layer, a constant subtracted, times a constant, ReLU: y = relu((x W^T + b - subtract) * multiply).

x: (batch_size, in_features), W: (out_features, in_features), b: (out_features,), y: (batch_size, out_features), all
float32.
Differs: inputs are normal with a standard deviation of 8: upstream's, uniform in [0, 1), make every output zero.
"""

import torch
import torch.nn as nn

batch_size = 1024
in_features = 8192
out_features = 8192
subtract_value = 2.0
multiply_value = 1.5


class Model(nn.Module):
    """Linear layer with three elementwise operations behind it."""

    def __init__(self, in_features: int, out_features: int, subtract_value: float, multiply_value: float) -> None:
        super().__init__()
        self.linear = nn.Linear(in_features, out_features)
        self.subtract_value = subtract_value
        self.multiply_value = multiply_value

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.linear(x) - self.subtract_value
        return torch.relu(x * self.multiply_value)


def get_inputs() -> list:
    return [8 * torch.randn(batch_size, in_features)]


def get_init_inputs() -> list:
    return [in_features, out_features, subtract_value, multiply_value]


TIERS = {
    "cpu": {"batch_size": 128, "in_features": 2048, "out_features": 2048},
    "ci": {"batch_size": 32, "in_features": 256, "out_features": 192},
}
UNSEEN = [
    {"batch_size": 17, "in_features": 131, "out_features": 67},
    {"batch_size": 1, "in_features": 509, "out_features": 37},
]
