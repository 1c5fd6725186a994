"""Product of two matrices with odd sizes, of which no power of two divides any: C = A @ B.

A: (M, K), B: (K, N), C: (M, N), all float32.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

M = 8205
K = 2949
N = 5921


class Model(nn.Module):
    """A single matrix product."""

    def forward(self, A: torch.Tensor, B: torch.Tensor) -> torch.Tensor:
        return torch.matmul(A, B)


def get_inputs() -> list:
    return [torch.randn(M, K), torch.randn(K, N)]


def get_init_inputs() -> list:
    return []


TIERS = {"cpu": {"M": 1231, "K": 443, "N": 889}, "ci": {"M": 141, "K": 133, "N": 211}}
UNSEEN = [{"M": 127, "K": 259, "N": 61}, {"M": 1, "K": 301, "N": 133}, {"M": 263, "K": 65, "N": 31}]
