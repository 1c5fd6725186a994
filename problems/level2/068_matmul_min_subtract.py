"""Linear layer, minimum with a learned number, subtraction of the same: y = min(x W^T + b, c) - c.

x: (batch_size, in_features), W: (out_features, in_features), b: (out_features,), y: (batch_size, out_features);
c: a parameter without dimensions that starts at `constant`, all float32.
Differs: inputs are normal with standard deviation 4; with upstream's, uniform in [0, 1), the minimum never bites.
"""

import torch
import torch.nn as nn

batch_size = 128
in_features = 16384
out_features = 16384
constant = 2.0


class Model(nn.Module):
    """Linear layer, capped from above and shifted."""

    def __init__(self, in_features: int, out_features: int, constant: float) -> None:
        super().__init__()
        self.linear = nn.Linear(in_features, out_features)
        self.constant = nn.Parameter(torch.tensor(constant))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.minimum(self.linear(x), self.constant)
        return x - self.constant


def get_inputs() -> list:
    return [4.0 * torch.randn(batch_size, in_features)]


def get_init_inputs() -> list:
    return [in_features, out_features, constant]


TIERS = {
    "cpu": {"batch_size": 32, "in_features": 4096, "out_features": 4096},
    "ci": {"batch_size": 16, "in_features": 1024, "out_features": 512},
}
UNSEEN = [
    {"batch_size": 11, "in_features": 523, "out_features": 151},
    {"batch_size": 1, "in_features": 1013, "out_features": 69},
]
