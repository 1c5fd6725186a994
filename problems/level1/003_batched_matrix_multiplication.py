"""Batched matrix product, one per sample: C[b] = A[b] @ B[b].

A: (batch_size, M, K), B: (batch_size, K, N), C: (batch_size, M, N), all float32.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 128
M = 512
K = 1024
N = 2048


class Model(nn.Module):
    """A batch of matrix products."""

    def forward(self, A: torch.Tensor, B: torch.Tensor) -> torch.Tensor:
        return torch.bmm(A, B)


def get_inputs() -> list:
    return [torch.randn(batch_size, M, K), torch.randn(batch_size, K, N)]


def get_init_inputs() -> list:
    return []


TIERS = {"cpu": {"batch_size": 32, "M": 128, "K": 256, "N": 512}, "ci": {"batch_size": 4, "M": 32, "K": 64, "N": 128}}
UNSEEN = [
    {"batch_size": 3, "M": 17, "K": 67, "N": 37},
    {"batch_size": 1, "M": 61, "K": 129, "N": 1},
    {"batch_size": 7, "M": 1, "K": 33, "N": 65},
]
