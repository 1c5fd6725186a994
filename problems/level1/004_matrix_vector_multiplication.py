"""Product of a wide matrix and a column vector: C = A @ B, one long dot product per row.

A: (M, K), B: (K, 1), C: (M, 1), all float32.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

M = 2048
K = 1048576


class Model(nn.Module):
    """A single matrix-vector product."""

    def forward(self, A: torch.Tensor, B: torch.Tensor) -> torch.Tensor:
        return torch.matmul(A, B)


def get_inputs() -> list:
    return [torch.randn(M, K), torch.randn(K, 1)]


def get_init_inputs() -> list:
    return []


TIERS = {"cpu": {"M": 640, "K": 65536}, "ci": {"M": 128, "K": 4096}}
UNSEEN = [{"M": 37, "K": 4099}, {"M": 1, "K": 65537}, {"M": 257, "K": 31}]
