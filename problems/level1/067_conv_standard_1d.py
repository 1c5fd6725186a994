"""1D convolution of long sequences, without a bias.

y[b, o, i] = sum over c, p of weight[o, c, p] * x[b, c, i + p].
x: (batch_size, in_channels, length), weight: (out_channels, in_channels, kernel_size),
y: (batch_size, out_channels, out_length), all float32, out = size - kernel_size + 1.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 32
in_channels = 64
out_channels = 128
length = 131072
kernel_size = 3


class Model(nn.Module):
    """One convolution."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int) -> None:
        super().__init__()
        self.conv = nn.Conv1d(in_channels, out_channels, kernel_size, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.conv(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, length)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size]


TIERS = {
    "cpu": {"batch_size": 2, "length": 16384},
    "ci": {"batch_size": 2, "in_channels": 32, "out_channels": 64, "length": 1024},
}
UNSEEN = [
    {"batch_size": 1, "in_channels": 13, "out_channels": 37, "length": 1009},
    {"batch_size": 3, "in_channels": 5, "out_channels": 7, "length": 499},
]
