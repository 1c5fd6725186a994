"""Product of two matrices, the first transposed: C = A^T @ B.

A: (K, M), B: (K, N), C: (M, N), all float32. A lies transposed in memory: its rows run along M.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

M = 2048
K = 8192
N = 4096


class Model(nn.Module):
    """A single matrix product."""

    def forward(self, A: torch.Tensor, B: torch.Tensor) -> torch.Tensor:
        return torch.matmul(A.T, B)


def get_inputs() -> list:
    return [torch.randn(K, M), torch.randn(K, N)]


def get_init_inputs() -> list:
    return []


TIERS = {"cpu": {"M": 512, "K": 1536, "N": 1024}, "ci": {"M": 64, "K": 256, "N": 128}}
UNSEEN = [{"M": 31, "K": 257, "N": 67}, {"M": 1, "K": 509, "N": 97}, {"M": 131, "K": 1, "N": 35}]
