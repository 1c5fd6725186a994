"""Product of a matrix and a number: C = A * s.

A: (M, N) float32, s: a Python float, C: (M, N) float32.
Differs: inputs are normal, upstream's are uniform in [0, 1); the unseen sizes come with other values of s.
"""

import torch
import torch.nn as nn

M = 65536
N = 16384
s = 3.14


class Model(nn.Module):
    """A matrix scaled by a number."""

    def forward(self, A: torch.Tensor, s: float) -> torch.Tensor:
        return A * s


def get_inputs() -> list:
    return [torch.randn(M, N), s]


def get_init_inputs() -> list:
    return []


TIERS = {"cpu": {"M": 1280, "N": 8192}, "ci": {"M": 64, "N": 1024}}
UNSEEN = [{"M": 37, "N": 1009, "s": -0.75}, {"M": 1, "N": 4099, "s": 1.7}, {"M": 257, "N": 3, "s": 0.31}]
