"""Contraction of the last dimension of a 4D tensor: C[b, i, j, n] = sum over k of A[b, i, j, k] * B[k, n].

A: (batch_size, dim1, dim2, K), B: (K, N), C: (batch_size, dim1, dim2, N), all float32.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 8
dim1 = 256
dim2 = 512
K = 256
N = 768


class Model(nn.Module):
    """A contraction of the last dimension of A."""

    def forward(self, A: torch.Tensor, B: torch.Tensor) -> torch.Tensor:
        return torch.einsum("bijk,kn->bijn", A, B)


def get_inputs() -> list:
    return [torch.randn(batch_size, dim1, dim2, K), torch.randn(K, N)]


def get_init_inputs() -> list:
    return []


TIERS = {
    "cpu": {"batch_size": 4, "dim1": 16, "dim2": 64},
    "ci": {"batch_size": 2, "dim1": 8, "dim2": 16, "K": 64, "N": 96},
}
UNSEEN = [
    {"batch_size": 3, "dim1": 5, "dim2": 7, "K": 67, "N": 37},
    {"batch_size": 1, "dim1": 13, "dim2": 1, "K": 131, "N": 65},
    {"batch_size": 2, "dim1": 1, "dim2": 19, "K": 33, "N": 97},
]
