"""Product of two symmetric matrices: C = A @ B. C itself is not symmetric.

A: (N, N), B: (N, N), C: (N, N), all float32; A and B equal their transposes.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

N = 4096


class Model(nn.Module):
    """A single matrix product."""

    def forward(self, A: torch.Tensor, B: torch.Tensor) -> torch.Tensor:
        return torch.matmul(A, B)


def symmetric() -> torch.Tensor:
    half = torch.randn(N, N)
    return half + half.T


def get_inputs() -> list:
    return [symmetric(), symmetric()]


def get_init_inputs() -> list:
    return []


TIERS = {"cpu": {"N": 896}, "ci": {"N": 128}}
UNSEEN = [{"N": 97}, {"N": 1}, {"N": 259}]
