"""2D convolution of a tall image with a filter that is wider than tall, without a bias.

y[b, o, i, j] = sum over c, p, q of weight[o, c, p, q] * x[b, c, i + p, j + q].
x: (batch_size, in_channels, height, width), weight: (out_channels, in_channels, *kernel_size),
y: (batch_size, out_channels, out_height, out_width), all float32, out = size - kernel_size + 1 for each axis.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 8
in_channels = 64
out_channels = 128
height = 512
width = 256
kernel_size = (5, 7)


class Model(nn.Module):
    """One convolution."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: tuple) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, kernel_size, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.conv(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size]


TIERS = {
    "cpu": {"batch_size": 1, "height": 96, "width": 48},
    "ci": {"batch_size": 2, "in_channels": 16, "out_channels": 32, "height": 40, "width": 20},
}
UNSEEN = [
    {"batch_size": 1, "in_channels": 13, "out_channels": 37, "height": 67, "width": 17},
    {"batch_size": 3, "in_channels": 5, "out_channels": 7, "height": 131, "width": 7},
]
