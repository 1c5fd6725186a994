"""Product of a diagonal matrix and a full one: C = diag(A) @ B, so C[i, j] = A[i] * B[i, j].

A: (N,), the diagonal, B: (N, M), C: (N, M), all float32.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

N = 4096
M = 4096


class Model(nn.Module):
    """Rows scaled by the diagonal."""

    def forward(self, A: torch.Tensor, B: torch.Tensor) -> torch.Tensor:
        return A.unsqueeze(1) * B


def get_inputs() -> list:
    return [torch.randn(N), torch.randn(N, M)]


def get_init_inputs() -> list:
    return []


TIERS = {"cpu": {"N": 3072, "M": 3072}, "ci": {"N": 256, "M": 256}}
UNSEEN = [{"N": 131, "M": 257}, {"N": 1, "M": 1009}, {"N": 509, "M": 1}, {"N": 97, "M": 33}]
