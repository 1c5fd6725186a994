"""Product of two matrices whose common dimension K dwarfs the two others: C = A @ B.

A: (M, K), B: (K, N), C: (M, N), all float32. The output alone offers little parallelism; K has to be split.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

M = 256
K = 524288
N = 256


class Model(nn.Module):
    """A single matrix product with long dot products."""

    def forward(self, A: torch.Tensor, B: torch.Tensor) -> torch.Tensor:
        return torch.matmul(A, B)


def get_inputs() -> list:
    return [torch.randn(M, K), torch.randn(K, N)]


def get_init_inputs() -> list:
    return []


TIERS = {"cpu": {"M": 64, "K": 131072, "N": 64}, "ci": {"M": 64, "K": 4096, "N": 64}}
UNSEEN = [{"M": 31, "K": 4099, "N": 37}, {"M": 1, "K": 16411, "N": 7}, {"M": 67, "K": 6001, "N": 33}]
