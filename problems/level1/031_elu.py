"""Exponential linear unit, elementwise: y = x where x > 0, else alpha * (exp(x) - 1).

x: (batch_size, dim), y: (batch_size, dim), float32.
Differs: inputs are normal, upstream's are uniform in [0, 1), where the exponential is never used.
"""

import torch
import torch.nn as nn

batch_size = 4096
dim = 393216
alpha = 1.0


class Model(nn.Module):
    """ELU."""

    def __init__(self, alpha: float = 1.0) -> None:
        super().__init__()
        self.alpha = alpha

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return nn.functional.elu(x, alpha=self.alpha)


def get_inputs() -> list:
    return [torch.randn(batch_size, dim)]


def get_init_inputs() -> list:
    return [alpha]


TIERS = {"cpu": {"batch_size": 144, "dim": 65536}, "ci": {"batch_size": 16, "dim": 6144}}
UNSEEN = [
    {"batch_size": 7, "dim": 9973, "alpha": 0.7},
    {"batch_size": 1, "dim": 4099, "alpha": 1.3},
    {"batch_size": 131, "dim": 33},
]
