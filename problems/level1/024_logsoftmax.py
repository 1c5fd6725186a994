"""Logarithm of the softmax along the rows of a matrix: y[b, :] = x[b, :] - log(sum(exp(x[b, :]))).

x: (batch_size, dim), y: (batch_size, dim), float32. The result has to survive large logits: exp(x) alone overflows.
Differs: inputs are normal with deviation 4, upstream's are uniform in [0, 1), so that all rows have one sum.
"""

import torch
import torch.nn as nn

batch_size = 4096
dim = 393216


class Model(nn.Module):
    """Log-softmax over the last dimension."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.log_softmax(x, dim=1)


def get_inputs() -> list:
    return [4.0 * torch.randn(batch_size, dim)]


def get_init_inputs() -> list:
    return []


TIERS = {"cpu": {"batch_size": 160, "dim": 65536}, "ci": {"batch_size": 16, "dim": 6144}}
UNSEEN = [{"batch_size": 7, "dim": 9973}, {"batch_size": 1, "dim": 4099}, {"batch_size": 131, "dim": 33}]
