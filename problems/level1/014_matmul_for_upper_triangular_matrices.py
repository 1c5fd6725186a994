"""The upper triangle of the product of a upper triangular matrix and a full one: C = triu(A @ B).

A: (N, N) with zeros below the diagonal, B: (N, N), C: (N, N) with zeros below the diagonal, all float32.
About one in three of the N^3 products counts.
Differs: normal inputs; B is full, upstream's is triangular too, which leaves triu nothing to clear.
"""

import torch
import torch.nn as nn

N = 4096


class Model(nn.Module):
    """A matrix product, cut to its triangle."""

    def forward(self, A: torch.Tensor, B: torch.Tensor) -> torch.Tensor:
        return torch.triu(torch.matmul(A, B))


def get_inputs() -> list:
    return [torch.triu(torch.randn(N, N)), torch.randn(N, N)]


def get_init_inputs() -> list:
    return []


TIERS = {"cpu": {"N": 896}, "ci": {"N": 128}}
UNSEEN = [{"N": 97}, {"N": 1}, {"N": 259}]
