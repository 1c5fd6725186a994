"""Inclusive prefix product along one dimension, here the rows of a matrix: y[b, i] = x[b, 0] * ... * x[b, i].

x: (batch_size, length), y: (batch_size, length), float32. One factor in 16 lies near 1 or -1, so near that the
logarithm of a row's running product wanders by about 0.5 over the row's length, and the others are exactly 1 or -1, so
that a product of many thousands of factors gathers few rounding errors.
Differs: factors near +-1, upstream's uniform ones in [0, 1) make every product vanish within some 25 columns.
"""

import torch
import torch.nn as nn

batch_size = 32768
length = 32768
dim = 1


class Model(nn.Module):
    """Prefix product along `dim`."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cumprod(x, dim=self.dim)


def get_inputs() -> list:
    x = torch.randn(batch_size, length)
    moves = torch.rand(batch_size, length) < 1 / 16
    return [torch.copysign(torch.exp(2.0 / length**0.5 * x * moves), x)]


def get_init_inputs() -> list:
    return [dim]


TIERS = {"cpu": {"batch_size": 288, "length": 32768}, "ci": {"batch_size": 8, "length": 1000}}
UNSEEN = [{"batch_size": 5, "length": 997}, {"batch_size": 1, "length": 4099}, {"batch_size": 37, "length": 3}]
