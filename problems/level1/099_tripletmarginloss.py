"""Triplet loss: the mean over b of max(0, distance(a[b], p[b]) - distance(a[b], n[b]) + margin).

anchor (a), positive (p), negative (n): (batch_size, dim) float32, loss: a scalar. distance(u, v) is the Euclidean norm
of u - v + 1e-6. Both distances have a heavy-tailed scale for each row, the columns have another, so that the maximum
keeps some rows and drops others, and a few columns carry the distances.
Differs: uneven normal inputs (above); of upstream's uniform ones all distances are alike and the loss is about 1.
"""

import torch
import torch.nn as nn

batch_size = 32768
dim = 8192
margin = 1.0


class Model(nn.Module):
    """Triplet margin loss, averaged over the batch."""

    def __init__(self, margin: float) -> None:
        super().__init__()
        self.loss = nn.TripletMarginLoss(margin=margin)

    def forward(self, anchor: torch.Tensor, positive: torch.Tensor, negative: torch.Tensor) -> torch.Tensor:
        return self.loss(anchor, positive, negative)


def get_inputs() -> list:
    columns = torch.exp(0.5 * torch.randn(()) + torch.randn(1, dim)) / dim**0.5
    anchor = columns * torch.randn(batch_size, dim)
    positive = anchor + torch.exp(torch.randn(batch_size, 1)) * columns * torch.randn(batch_size, dim)
    negative = anchor + torch.exp(torch.randn(batch_size, 1)) * columns * torch.randn(batch_size, dim)
    return [anchor, positive, negative]


def get_init_inputs() -> list:
    return [margin]


TIERS = {"cpu": {"batch_size": 1024, "dim": 4096}, "ci": {"batch_size": 64, "dim": 1000}}
UNSEEN = [{"batch_size": 7, "dim": 997}, {"batch_size": 5, "dim": 4099}, {"batch_size": 131, "dim": 5}]
