"""Kullback-Leibler divergence, summed over all elements and divided by the number of rows:
sum over b, i of targets[b, i] * (log(targets[b, i]) - log(predictions[b, i])), over batch_size, where 0 * log(0) is 0.

predictions, targets: (batch_size, dim) float32, every row positive and of sum 1, loss: a scalar. The two
distributions of a row are correlated; how sharp they are differs by row, up to a bound that is drawn for each call.
Differs: softmax of correlated normal logits of uneven scale, upstream's are of uniform ones and all rows are alike.
"""

import torch
import torch.nn as nn

batch_size = 16384
dim = 16384


class Model(nn.Module):
    """Kullback-Leibler divergence of probabilities, averaged over the batch."""

    def forward(self, predictions: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        return nn.functional.kl_div(torch.log(predictions), targets, reduction="batchmean")


def get_inputs() -> list:
    sharpness = (2.0 + 2.0 * torch.rand(())) * torch.rand(batch_size, 1) ** 3
    logits = sharpness * torch.randn(batch_size, dim)
    others = 0.5 * logits + sharpness * torch.randn(batch_size, dim)
    return [torch.softmax(logits, dim=1), torch.softmax(others, dim=1)]


def get_init_inputs() -> list:
    return []


TIERS = {"cpu": {"batch_size": 512, "dim": 8192}, "ci": {"batch_size": 64, "dim": 1000}}
UNSEEN = [{"batch_size": 3, "dim": 997}, {"batch_size": 1, "dim": 4099}, {"batch_size": 131, "dim": 5}]
