"""Linear layer and five reductions of its features: sum, maximum, mean, logsumexp, logsumexp, each over its own axis.

x: (batch_size, in_features), y: (batch_size, 1), float32. The out_features = prod(groups) features are viewed as an
array of shape `groups`; the sum runs over its last axis, the maximum over the one before that, and so on to the first.
Differs: normal inputs, a scale per sample; an axis for each reduction: upstream's first one leaves the others size 1.
"""

import math

import torch
import torch.nn as nn

batch_size = 1024
in_features = 8192
groups = (4, 4, 8, 8, 8)
out_features = math.prod(groups)


class Model(nn.Module):
    """Linear layer with a cascade of five reductions behind it."""

    def __init__(self, in_features: int, out_features: int) -> None:
        super().__init__()
        self.linear = nn.Linear(in_features, out_features)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.linear(x).view(-1, *groups)
        x = torch.sum(x, dim=5)
        x = torch.amax(x, dim=4)
        x = torch.mean(x, dim=3)
        x = torch.logsumexp(x, dim=2)
        return torch.logsumexp(x, dim=1, keepdim=True)


def get_inputs() -> list:
    scale = torch.randn(batch_size, 1).mul(0.5).exp()
    return [3 * scale * torch.randn(batch_size, in_features)]


def get_init_inputs() -> list:
    return [in_features, out_features]


TIERS = {
    "cpu": {"batch_size": 128, "in_features": 2048, "groups": (4, 4, 4, 8, 4)},
    "ci": {"batch_size": 64, "in_features": 256, "groups": (2, 4, 4, 4, 4)},
}
UNSEEN = [
    {"batch_size": 17, "in_features": 131, "groups": (3, 2, 5, 7, 3)},
    {"batch_size": 1, "in_features": 509, "groups": (5, 3, 2, 3, 7)},
]
