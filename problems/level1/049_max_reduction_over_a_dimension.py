"""Maximum over one dimension of a 3D tensor, here the middle one: y[b, j] = max(x[b, 0, j], ..., x[b, dim1 - 1, j]).

x: (batch_size, dim1, dim2), y: (batch_size, dim2), float32. Neighbouring values lie dim2 elements apart.
Differs: inputs are normal, upstream's are uniform in [0, 1), where every maximum is close to 1.
"""

import torch
import torch.nn as nn

batch_size = 128
dim1 = 4096
dim2 = 4095
reduce_dim = 1


class Model(nn.Module):
    """Maximum over `reduce_dim`."""

    def __init__(self, reduce_dim: int) -> None:
        super().__init__()
        self.reduce_dim = reduce_dim

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.max(x, dim=self.reduce_dim).values


def get_inputs() -> list:
    return [torch.randn(batch_size, dim1, dim2)]


def get_init_inputs() -> list:
    return [reduce_dim]


TIERS = {"cpu": {"batch_size": 2, "dim1": 512}, "ci": {"batch_size": 4, "dim1": 128, "dim2": 1023}}
UNSEEN = [
    {"batch_size": 3, "dim1": 67, "dim2": 1009},
    {"batch_size": 1, "dim1": 509, "dim2": 131},
    {"batch_size": 7, "dim1": 1, "dim2": 257},
    {"batch_size": 37, "dim1": 131, "dim2": 1},
]
