"""Depthwise 2D convolution with a filter of one column: every channel has its own, without a bias.

y[b, c, i, j] = sum over p of weight[c, 0, p, 0] * x[b, c, i * stride - padding + dilation * p, j * stride - padding].
Outside of x there are zeros. x: (batch_size, in_channels, height, width), weight: (in_channels, 1, kernel_size, 1),
y: (batch_size, in_channels, out_height, out_width), all float32,
out_height = (height + 2 * padding - dilation * (kernel_size - 1) - 1) // stride + 1, and out_width likewise for 1 tap.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 64
in_channels = 8
height = 512
width = 512
kernel_size = 3
stride = 1
padding = 0
dilation = 1


class Model(nn.Module):
    """One convolution with as many groups as channels."""

    def __init__(self, in_channels: int, kernel_size: int, stride: int, padding: int, dilation: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(
            in_channels,
            in_channels,
            (kernel_size, 1),
            stride=stride,
            padding=padding,
            dilation=dilation,
            groups=in_channels,
            bias=False,
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.conv(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, height, width)]


def get_init_inputs() -> list:
    return [in_channels, kernel_size, stride, padding, dilation]


TIERS = {
    "cpu": {"batch_size": 32, "height": 128, "width": 128},
    "ci": {"batch_size": 4, "height": 48, "width": 48},
}
UNSEEN = [
    {"batch_size": 1, "in_channels": 5, "height": 17, "width": 31},
    {"batch_size": 3, "in_channels": 7, "height": 67, "width": 1},
    {"batch_size": 5, "in_channels": 3, "height": 3, "width": 131},
]
