"""Linear layer, times a constant, doubled by adding it to itself, clamped, reduced to l = logsumexp, y = l * mish(l).

x: (batch_size, input_size), the linear layer's result: (batch_size, hidden_size), y: (batch_size, 1), float32; the
logsumexp runs over the hidden dimension. The clamp is to [clamp_min, clamp_max].
Differs: normal inputs, a scale per sample, and a bias that puts l near 0: upstream's l is about 9, where mish(l) = l.
"""

import math

import torch
import torch.nn as nn

batch_size = 1024
input_size = 8192
hidden_size = 8192
scale_factor = 2.0
clamp_min = -10.0
clamp_max = 10.0


class Model(nn.Module):
    """Linear layer, scaling, residual, clamp, logsumexp and Mish."""

    def __init__(
        self, input_size: int, hidden_size: int, scale_factor: float, clamp_min: float, clamp_max: float
    ) -> None:
        super().__init__()
        self.linear = nn.Linear(input_size, hidden_size)
        # The logsumexp adds log(hidden_size) to a typical value, which is twice the scaled bias.
        nn.init.normal_(self.linear.bias, mean=-math.log(hidden_size) / (2 * scale_factor), std=0.25)
        self.scale_factor = scale_factor
        self.clamp_min = clamp_min
        self.clamp_max = clamp_max

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.linear(x) * self.scale_factor
        x = x + x
        x = torch.clamp(x, self.clamp_min, self.clamp_max)
        x = torch.logsumexp(x, dim=1, keepdim=True)
        return x * nn.functional.mish(x)


def get_inputs() -> list:
    scale = torch.randn(batch_size, 1).mul(0.75).exp()
    return [scale * torch.randn(batch_size, input_size)]


def get_init_inputs() -> list:
    return [input_size, hidden_size, scale_factor, clamp_min, clamp_max]


TIERS = {
    "cpu": {"batch_size": 128, "input_size": 2048, "hidden_size": 2048},
    "ci": {"batch_size": 64, "input_size": 512, "hidden_size": 384},
}
UNSEEN = [
    {"batch_size": 17, "input_size": 131, "hidden_size": 67},
    {"batch_size": 1, "input_size": 509, "hidden_size": 37},
]
