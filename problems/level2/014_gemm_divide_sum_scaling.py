"""Matrix product, halved, summed along each row, scaled: y[i] = scaling_factor * sum_j (x W^T)[i, j] / 2.

x: (batch_size, input_size), W: (hidden_size, input_size), y: (batch_size, 1), float32.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 1024
input_size = 8192
hidden_size = 8192
scaling_factor = 1.5


class Model(nn.Module):
    """Matrix product, division, row sum and scaling."""

    def __init__(self, input_size: int, hidden_size: int, scaling_factor: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(hidden_size, input_size))
        self.scaling_factor = scaling_factor

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.matmul(x, self.weight.T) / 2
        return x.sum(dim=1, keepdim=True) * self.scaling_factor


def get_inputs() -> list:
    return [torch.randn(batch_size, input_size)]


def get_init_inputs() -> list:
    return [input_size, hidden_size, scaling_factor]


TIERS = {
    "cpu": {"batch_size": 128, "input_size": 2048, "hidden_size": 2048},
    "ci": {"batch_size": 64, "input_size": 512, "hidden_size": 384},
}
UNSEEN = [
    {"batch_size": 17, "input_size": 131, "hidden_size": 67},
    {"batch_size": 1, "input_size": 509, "hidden_size": 37},
]
