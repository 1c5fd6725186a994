"""2D convolution with a square filter, without a bias.

y[b, o, i, j] = sum over c, p, q of weight[o, c, p, q] * x[b, c, i + p, j + q].
x: (batch_size, in_channels, height, width), weight: (out_channels, in_channels, kernel_size, kernel_size),
y: (batch_size, out_channels, out_height, out_width), all float32, out = size - kernel_size + 1.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 16
in_channels = 16
out_channels = 128
height = 1024
width = 1024
kernel_size = 3


class Model(nn.Module):
    """One convolution."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, kernel_size, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.conv(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size]


TIERS = {
    "cpu": {"batch_size": 2, "height": 160, "width": 160},
    "ci": {"batch_size": 2, "in_channels": 16, "out_channels": 32, "height": 32, "width": 32},
}
UNSEEN = [
    {"batch_size": 1, "in_channels": 13, "out_channels": 37, "height": 31, "width": 37},
    {"batch_size": 3, "in_channels": 5, "out_channels": 7, "height": 3, "width": 131},
]
