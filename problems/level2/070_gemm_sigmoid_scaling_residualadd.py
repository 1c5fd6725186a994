"""Linear layer, a scaled sigmoid of its output added to that output.

h = x W^T + b, y = scaling_factor * sigmoid(h) + h.
x: (batch_size, input_size), W: (hidden_size, input_size), b: (hidden_size,), y: (batch_size, hidden_size), float32.
Differs: inputs are normal with standard deviation 3, upstream's are uniform in [0, 1) and leave sigmoid nearly linear.
"""

import torch
import torch.nn as nn

batch_size = 1024
input_size = 8192
hidden_size = 8192
scaling_factor = 2.0


class Model(nn.Module):
    """Linear layer with a scaled sigmoid of its output added to it."""

    def __init__(self, input_size: int, hidden_size: int, scaling_factor: float) -> None:
        super().__init__()
        self.gemm = nn.Linear(input_size, hidden_size)
        self.scaling_factor = scaling_factor

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = self.gemm(x)
        return torch.sigmoid(h) * self.scaling_factor + h


def get_inputs() -> list:
    return [3.0 * torch.randn(batch_size, input_size)]


def get_init_inputs() -> list:
    return [input_size, hidden_size, scaling_factor]


TIERS = {
    "cpu": {"batch_size": 128, "input_size": 2048, "hidden_size": 2048},
    "ci": {"batch_size": 32, "input_size": 256, "hidden_size": 128},
}
UNSEEN = [
    {"batch_size": 29, "input_size": 139, "hidden_size": 79},
    {"batch_size": 1, "input_size": 541, "hidden_size": 41},
]
