"""Depthwise 2D convolution of a wide image with a square filter: every channel has its own, without a bias.

y[b, c, i, j] = sum over p, q of weight[c, 0, p, q] * x[b, c, i * stride - padding + p, j * stride - padding + q].
Outside of x there are zeros; out_channels equals in_channels.
x: (batch_size, in_channels, height, width), weight: (out_channels, 1, kernel_size, kernel_size),
y: (batch_size, out_channels, out_height, out_width), all float32,
out = (size + 2 * padding - kernel_size) // stride + 1.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 64
in_channels = 128
out_channels = 128
height = 256
width = 512
kernel_size = 3
stride = 1
padding = 0


class Model(nn.Module):
    """One convolution with as many groups as channels."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, stride: int, padding: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(
            in_channels, out_channels, kernel_size, stride=stride, padding=padding, groups=in_channels, bias=False
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.conv(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, stride, padding]


TIERS = {
    "cpu": {"batch_size": 8, "height": 64, "width": 128},
    "ci": {"batch_size": 2, "in_channels": 32, "out_channels": 32, "height": 24, "width": 48},
}
UNSEEN = [
    {"batch_size": 1, "in_channels": 5, "out_channels": 5, "height": 17, "width": 67},
    {"batch_size": 3, "in_channels": 7, "out_channels": 7, "height": 3, "width": 131},
]
