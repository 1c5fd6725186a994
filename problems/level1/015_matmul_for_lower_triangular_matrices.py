"""The lower triangle of the product of a lower triangular matrix and a full one: C = tril(A @ B).

A: (N, N) with zeros above the diagonal, B: (N, N), C: (N, N) with zeros above the diagonal, all float32.
About one in three of the N^3 products counts.
Differs: normal inputs; B is full, upstream's is triangular too, which leaves tril nothing to clear.
"""

import torch
import torch.nn as nn

N = 4096


class Model(nn.Module):
    """A matrix product, cut to its triangle."""

    def forward(self, A: torch.Tensor, B: torch.Tensor) -> torch.Tensor:
        return torch.tril(torch.matmul(A, B))


def get_inputs() -> list:
    return [torch.tril(torch.randn(N, N)), torch.randn(N, N)]


def get_init_inputs() -> list:
    return []


TIERS = {"cpu": {"N": 896}, "ci": {"N": 128}}
UNSEEN = [{"N": 97}, {"N": 1}, {"N": 259}]
