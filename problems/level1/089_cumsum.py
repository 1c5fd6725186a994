"""Inclusive prefix sum along one dimension, here the rows of a matrix: y[b, i] = x[b, 0] + ... + x[b, i].

x: (batch_size, length), y: (batch_size, length), float32.
Differs: inputs are normal, upstream's are uniform in [0, 1): the sums then wander instead of following i / 2.
"""

import torch
import torch.nn as nn

batch_size = 32768
length = 32768
dim = 1


class Model(nn.Module):
    """Prefix sum along `dim`."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cumsum(x, dim=self.dim)


def get_inputs() -> list:
    return [torch.randn(batch_size, length)]


def get_init_inputs() -> list:
    return [dim]


TIERS = {"cpu": {"batch_size": 192, "length": 32768}, "ci": {"batch_size": 8, "length": 1000}}
UNSEEN = [{"batch_size": 5, "length": 997}, {"batch_size": 1, "length": 4099}, {"batch_size": 37, "length": 3}]
