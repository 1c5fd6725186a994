"""Linear layer with Mish applied twice: y = mish(mish(x W^T + b)), mish(v) = v * tanh(log(1 + exp(v))).

x: (batch_size, in_features), W: (out_features, in_features), b: (out_features,), y: (batch_size, out_features),
all float32. Large v need care: exp(v) overflows, while mish(v) tends to v.
Differs: inputs are normal and four times as wide as a unit normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 1024
in_features = 8192
out_features = 8192


class Model(nn.Module):
    """Linear layer and two Mish activations."""

    def __init__(self, in_features: int, out_features: int) -> None:
        super().__init__()
        self.linear = nn.Linear(in_features, out_features)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = nn.functional.mish(self.linear(x))
        return nn.functional.mish(x)


def get_inputs() -> list:
    return [4 * torch.randn(batch_size, in_features)]


def get_init_inputs() -> list:
    return [in_features, out_features]


TIERS = {
    "cpu": {"batch_size": 192, "in_features": 2048, "out_features": 2048},
    "ci": {"batch_size": 32, "in_features": 512, "out_features": 256},
}
UNSEEN = [
    {"batch_size": 19, "in_features": 127, "out_features": 71},
    {"batch_size": 1, "in_features": 509, "out_features": 33},
]
