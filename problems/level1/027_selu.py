"""Scaled exponential linear unit, elementwise: y = scale * x where x > 0, else scale * alpha * (exp(x) - 1).

scale = 1.0507009873554805, alpha = 1.6732632423543772.

x: (batch_size, dim), y: (batch_size, dim), float32.
Differs: inputs are normal, upstream's are uniform in [0, 1), where the exponential is never used.
"""

import torch
import torch.nn as nn

batch_size = 4096
dim = 393216


class Model(nn.Module):
    """SELU."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.selu(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, dim)]


def get_init_inputs() -> list:
    return []


TIERS = {"cpu": {"batch_size": 144, "dim": 65536}, "ci": {"batch_size": 16, "dim": 6144}}
UNSEEN = [{"batch_size": 7, "dim": 9973}, {"batch_size": 1, "dim": 4099}, {"batch_size": 131, "dim": 33}]
