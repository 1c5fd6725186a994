"""Index of the smallest value along one dimension, here the middle one: y[b, j] = argmin over i of x[b, i, j].

x: (batch_size, dim1, dim2) float32, y: (batch_size, dim2) int64. Of equal values the one with the lowest index counts.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 128
dim1 = 4096
dim2 = 4095
dim = 1


class Model(nn.Module):
    """Index of the smallest value along `dim`."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.argmin(x, dim=self.dim)


def get_inputs() -> list:
    return [torch.randn(batch_size, dim1, dim2)]


def get_init_inputs() -> list:
    return [dim]


TIERS = {
    "cpu": {"batch_size": 4, "dim1": 1024, "dim2": 1023},
    "ci": {"batch_size": 4, "dim1": 256, "dim2": 511},
}
UNSEEN = [
    {"batch_size": 3, "dim1": 997, "dim2": 37},
    {"batch_size": 1, "dim1": 5, "dim2": 4099},
    {"batch_size": 7, "dim1": 4099, "dim2": 1},
]
