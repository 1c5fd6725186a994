"""Swish, elementwise: y = x * sigmoid(x), where sigmoid(x) = 1 / (1 + exp(-x)).

x: (batch_size, dim), y: (batch_size, dim), float32.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 4096
dim = 393216


class Model(nn.Module):
    """Swish."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * torch.sigmoid(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, dim)]


def get_init_inputs() -> list:
    return []


TIERS = {"cpu": {"batch_size": 96, "dim": 65536}, "ci": {"batch_size": 16, "dim": 6144}}
UNSEEN = [{"batch_size": 7, "dim": 9973}, {"batch_size": 1, "dim": 4099}, {"batch_size": 131, "dim": 33}]
