"""Linear layer, each row normalised to mean 0 and variance 1, then a second input added and multiplied.

z = x W^T + b, n = (z - mean(z)) / sqrt(var(z) + 1e-5) with the biased mean and variance of each row, (n + y) * y.
x: (batch_size, in_features), y and the output: (batch_size, out_features), W: (out_features, in_features), float32.
The normalisation is an instance norm without affine part that sees each row as one channel.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 1024
in_features = 8192
out_features = 8192


class Model(nn.Module):
    """Linear layer and instance normalisation, combined with a second input."""

    def __init__(self, in_features: int, out_features: int) -> None:
        super().__init__()
        self.bmm = nn.Linear(in_features, out_features)

    def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        x = self.bmm(x)
        x = nn.functional.instance_norm(x.unsqueeze(1), eps=1e-5).squeeze(1)
        return (x + y) * y


def get_inputs() -> list:
    return [torch.randn(batch_size, in_features), torch.randn(batch_size, out_features)]


def get_init_inputs() -> list:
    return [in_features, out_features]


TIERS = {
    "cpu": {"batch_size": 192, "in_features": 2048, "out_features": 2048},
    "ci": {"batch_size": 32, "in_features": 256, "out_features": 512},
}
UNSEEN = [
    {"batch_size": 17, "in_features": 131, "out_features": 67},
    {"batch_size": 1, "in_features": 61, "out_features": 1031},
]
