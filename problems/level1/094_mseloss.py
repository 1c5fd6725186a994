"""Mean squared error: the mean over all b, i of (predictions[b, i] - targets[b, i]) ** 2.

predictions, targets: (batch_size, dim) float32, loss: a scalar. Errors have a scale for each row and each column, both
with a heavy tail, and one for the call: a few rows and columns carry the loss, and no sample of them gives it away.
Differs: uneven, correlated inputs (above); upstream's are uniform, where a small subsample comes within 1 %.
"""

import torch
import torch.nn as nn

batch_size = 32768
dim = 32768


class Model(nn.Module):
    """Mean squared error of all elements."""

    def forward(self, predictions: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        return torch.mean((predictions - targets) ** 2)


def get_inputs() -> list:
    scale = torch.exp(0.5 * torch.randn(())) * torch.exp(torch.randn(batch_size, 1)) * torch.exp(torch.randn(1, dim))
    targets = scale * torch.randn(batch_size, dim)
    predictions = 0.5 * targets + scale * torch.randn(batch_size, dim)
    return [predictions, targets]


def get_init_inputs() -> list:
    return []


TIERS = {"cpu": {"batch_size": 2048, "dim": 4096}, "ci": {"batch_size": 64, "dim": 1000}}
UNSEEN = [{"batch_size": 3, "dim": 997}, {"batch_size": 1, "dim": 4099}, {"batch_size": 1009, "dim": 5}]
