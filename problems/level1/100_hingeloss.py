"""Hinge loss with one label per row: the mean over all b, i of max(0, 1 - predictions[b, i] * targets[b]).

predictions: (batch_size, dim) float32, targets: (batch_size,) float32, each 1 or -1, loss: a scalar. Predictions lean
to the side of their label; rows and columns have heavy-tailed scales, and the call has one.
Differs: a row's label is the row's, upstream's broadcast gives it to a column; uneven inputs, upstream's are uniform.
"""

import torch
import torch.nn as nn

batch_size = 32768
dim = 32768


class Model(nn.Module):
    """Hinge loss, averaged over all elements."""

    def forward(self, predictions: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        return torch.mean(torch.clamp(1 - predictions * targets.unsqueeze(1), min=0))


def get_inputs() -> list:
    targets = 2.0 * torch.randint(0, 2, (batch_size,)) - 1.0
    scale = torch.exp(0.5 * torch.randn(())) * torch.exp(torch.randn(batch_size, 1)) * torch.exp(torch.randn(1, dim))
    predictions = scale * (torch.randn(batch_size, dim) + 0.5 * targets.unsqueeze(1))
    return [predictions, targets]


def get_init_inputs() -> list:
    return []


TIERS = {"cpu": {"batch_size": 1536, "dim": 3072}, "ci": {"batch_size": 64, "dim": 1000}}
UNSEEN = [{"batch_size": 3, "dim": 997}, {"batch_size": 5, "dim": 4099}, {"batch_size": 1009, "dim": 5}]
