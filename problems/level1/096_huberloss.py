"""Huber loss with threshold 1: the mean of d ** 2 / 2 where |d| < 1, else |d| - 1/2, where d = predictions - targets.

predictions, targets: (batch_size, dim) float32, loss: a scalar. Errors have a scale for each row and each column, both
with a heavy tail, and one for the call: both branches are taken, and no sample of the elements gives the loss away.
Differs: uneven, correlated inputs (above); upstream's differ by less than 1, so that |d| - 1/2 is never taken.
"""

import torch
import torch.nn as nn

batch_size = 32768
dim = 32768


class Model(nn.Module):
    """Huber loss, averaged over all elements."""

    def forward(self, predictions: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        return nn.functional.smooth_l1_loss(predictions, targets)


def get_inputs() -> list:
    uneven = torch.exp(1.5 * torch.randn(batch_size, 1)) * torch.exp(1.5 * torch.randn(1, dim))
    scale = 0.3 * torch.exp(0.5 * torch.randn(())) * uneven
    targets = scale * torch.randn(batch_size, dim)
    predictions = 0.5 * targets + scale * torch.randn(batch_size, dim)
    return [predictions, targets]


def get_init_inputs() -> list:
    return []


TIERS = {"cpu": {"batch_size": 2048, "dim": 4096}, "ci": {"batch_size": 64, "dim": 1000}}
UNSEEN = [{"batch_size": 3, "dim": 997}, {"batch_size": 1, "dim": 4099}, {"batch_size": 1009, "dim": 5}]
