"""Product of two square matrices: C = A @ B.

A: (N, N), B: (N, N), C: (N, N), all float32.
Differs: inputs are normal, upstream's are uniform in [0, 1): signed sums hide no dropped part.
"""

import torch
import torch.nn as nn

N = 4096


class Model(nn.Module):
    """A single matrix product."""

    def forward(self, A: torch.Tensor, B: torch.Tensor) -> torch.Tensor:
        return torch.matmul(A, B)


def get_inputs() -> list:
    return [torch.randn(N, N), torch.randn(N, N)]


def get_init_inputs() -> list:
    return []


TIERS = {"cpu": {"N": 768}, "ci": {"N": 128}}
UNSEEN = [{"N": 97}, {"N": 1}, {"N": 259}]
