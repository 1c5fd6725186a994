"""Product of a stack of matrices and one matrix that they share: C[b] = A[b] @ B.

A: (batch_size, M, K), B: (K, N), C: (batch_size, M, N), all float32.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 16
M = 1024
K = 2048
N = 768


class Model(nn.Module):
    """A contraction of the last dimension of A."""

    def forward(self, A: torch.Tensor, B: torch.Tensor) -> torch.Tensor:
        return torch.matmul(A, B)


def get_inputs() -> list:
    return [torch.randn(batch_size, M, K), torch.randn(K, N)]


def get_init_inputs() -> list:
    return []


TIERS = {"cpu": {"batch_size": 6, "M": 256, "K": 512}, "ci": {"batch_size": 4, "M": 32, "K": 128, "N": 96}}
UNSEEN = [
    {"batch_size": 3, "M": 17, "K": 131, "N": 67},
    {"batch_size": 1, "M": 61, "K": 257, "N": 1},
    {"batch_size": 7, "M": 1, "K": 33, "N": 129},
]
