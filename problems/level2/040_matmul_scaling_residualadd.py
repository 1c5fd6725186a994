"""Linear layer whose output is scaled and added to itself: z = x W^T + b, y = z * scaling_factor + z.

x: (batch_size, in_features), W: (out_features, in_features), b: (out_features,), y: (batch_size, out_features),
all float32.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 16384
in_features = 4096
out_features = 4096
scaling_factor = 0.5


class Model(nn.Module):
    """Linear layer, scaling and residual addition."""

    def __init__(self, in_features: int, out_features: int, scaling_factor: float) -> None:
        super().__init__()
        self.matmul = nn.Linear(in_features, out_features)
        self.scaling_factor = scaling_factor

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.matmul(x)
        return x * self.scaling_factor + x


def get_inputs() -> list:
    return [torch.randn(batch_size, in_features)]


def get_init_inputs() -> list:
    return [in_features, out_features, scaling_factor]


TIERS = {
    "cpu": {"batch_size": 1024, "in_features": 768, "out_features": 1024},
    "ci": {"batch_size": 512, "in_features": 128, "out_features": 192},
}
UNSEEN = [
    {"batch_size": 1021, "in_features": 61, "out_features": 37},
    {"batch_size": 1, "in_features": 509, "out_features": 131},
]
