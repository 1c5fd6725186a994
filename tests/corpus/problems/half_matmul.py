"""Product of two matrices in half precision: C = A @ B, all float16, sums in at least float32.

A: (M, K), B: (K, N), C: (M, N). All sizes are multiples of 16.
"""

import torch
import torch.nn as nn

M = 4096
K = 4096
N = 4096


class Model(nn.Module):
    """A single matrix product."""

    def forward(self, A: torch.Tensor, B: torch.Tensor) -> torch.Tensor:
        return torch.matmul(A, B)


def get_inputs() -> list:
    return [torch.randn(M, K).half(), torch.randn(K, N).half()]


def get_init_inputs() -> list:
    return []


TIERS = {"cpu": {"M": 512, "K": 512, "N": 512}, "ci": {"M": 64, "K": 128, "N": 96}}
UNSEEN = [{"M": 16, "K": 32, "N": 48}]
