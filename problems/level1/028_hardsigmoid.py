"""Piecewise linear sigmoid, elementwise: y = clamp(x / 6 + 1 / 2, 0, 1).

x: (batch_size, dim), y: (batch_size, dim), float32.
Differs: inputs are normal with deviation 3, upstream's are uniform in [0, 1), where the clamp never bites.
"""

import torch
import torch.nn as nn

batch_size = 4096
dim = 393216


class Model(nn.Module):
    """Hard sigmoid."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return nn.functional.hardsigmoid(x)


def get_inputs() -> list:
    return [3.0 * torch.randn(batch_size, dim)]


def get_init_inputs() -> list:
    return []


TIERS = {"cpu": {"batch_size": 160, "dim": 65536}, "ci": {"batch_size": 16, "dim": 6144}}
UNSEEN = [{"batch_size": 7, "dim": 9973}, {"batch_size": 1, "dim": 4099}, {"batch_size": 131, "dim": 33}]
