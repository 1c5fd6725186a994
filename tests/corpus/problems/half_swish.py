"""Swish in half precision, elementwise: y = x * sigmoid(x), float16.

x: (batch_size, dim), y: (batch_size, dim).
"""

import torch
import torch.nn as nn

batch_size = 4096
dim = 16384


class Model(nn.Module):
    """Swish."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * torch.sigmoid(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, dim).half()]


def get_init_inputs() -> list:
    return []


TIERS = {"cpu": {"batch_size": 1024, "dim": 4096}, "ci": {"batch_size": 16, "dim": 3001}}
UNSEEN = [{"batch_size": 3, "dim": 17}]
