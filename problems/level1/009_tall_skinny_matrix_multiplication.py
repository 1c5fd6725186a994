"""Outer product of a tall matrix and a flat one: C = A @ B. Writing C is most of the memory traffic.

A: (M, N), B: (N, M), C: (M, M), all float32, with N far below M.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

M = 32768
N = 32


class Model(nn.Module):
    """A single matrix product of low rank."""

    def forward(self, A: torch.Tensor, B: torch.Tensor) -> torch.Tensor:
        return torch.matmul(A, B)


def get_inputs() -> list:
    return [torch.randn(M, N), torch.randn(N, M)]


def get_init_inputs() -> list:
    return []


TIERS = {"cpu": {"M": 2048}, "ci": {"M": 256}}
UNSEEN = [{"M": 257, "N": 31}, {"M": 397, "N": 1}, {"M": 67, "N": 37}]
