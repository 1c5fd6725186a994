"""Linear layer, division by a constant, GELU: y = gelu((x W^T + b) / divisor), GELU in its exact (erf) form.

x: (batch_size, input_size), W: (output_size, input_size), b: (output_size,), y: (batch_size, output_size), float32.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 1024
input_size = 8192
output_size = 8192
divisor = 10.0


class Model(nn.Module):
    """Linear layer with two elementwise operations behind it."""

    def __init__(self, input_size: int, output_size: int, divisor: float) -> None:
        super().__init__()
        self.linear = nn.Linear(input_size, output_size)
        self.divisor = divisor

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.linear(x)
        x = x / self.divisor
        return nn.functional.gelu(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, input_size)]


def get_init_inputs() -> list:
    return [input_size, output_size, divisor]


TIERS = {
    "cpu": {"batch_size": 128, "input_size": 2048, "output_size": 2048},
    "ci": {"batch_size": 32, "input_size": 256, "output_size": 128},
}
UNSEEN = [
    {"batch_size": 17, "input_size": 131, "output_size": 67},
    {"batch_size": 1, "input_size": 509, "output_size": 33},
]
