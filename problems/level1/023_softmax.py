"""Softmax along the rows of a matrix: y[b, :] = exp(x[b, :]) / sum(exp(x[b, :])).

x: (batch_size, dim), y: (batch_size, dim), float32. The result has to survive large logits: exp(x) alone overflows.
Differs: inputs are normal, upstream's are uniform in [0, 1), where all outputs are close to 1 / dim.
"""

import torch
import torch.nn as nn

batch_size = 4096
dim = 393216


class Model(nn.Module):
    """Softmax over the last dimension."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.softmax(x, dim=1)


def get_inputs() -> list:
    return [torch.randn(batch_size, dim)]


def get_init_inputs() -> list:
    return []


TIERS = {"cpu": {"batch_size": 96, "dim": 65536}, "ci": {"batch_size": 16, "dim": 1000}}
UNSEEN = [{"batch_size": 3, "dim": 997}, {"batch_size": 1, "dim": 4099}, {"batch_size": 37, "dim": 5}]
