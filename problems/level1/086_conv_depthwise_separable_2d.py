"""Depthwise separable 2D convolution: a square filter for every channel, then a 1 x 1 convolution that mixes channels.

d[b, c, i, j] = sum over p, q of depthwise[c, 0, p, q] * x[b, c, at(i, p), at(j, q)],
where at(i, p) = i * stride - padding + dilation * p, outside of x there are zeros, and
y[b, o, i, j] = sum over c of pointwise[o, c, 0, 0] * d[b, c, i, j]. There is no bias.
x: (batch_size, in_channels, height, width), depthwise: (in_channels, 1, kernel_size, kernel_size),
pointwise: (out_channels, in_channels, 1, 1), y: (batch_size, out_channels, out_height, out_width), all float32,
out = (size + 2 * padding - dilation * (kernel_size - 1) - 1) // stride + 1.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 16
in_channels = 64
out_channels = 128
height = 512
width = 512
kernel_size = 3
stride = 1
padding = 1
dilation = 1


class Model(nn.Module):
    """A depthwise and a pointwise convolution."""

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: int, stride: int, padding: int, dilation: int
    ) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(
            in_channels,
            in_channels,
            kernel_size,
            stride=stride,
            padding=padding,
            dilation=dilation,
            groups=in_channels,
            bias=False,
        )
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.depthwise(x)
        return self.pointwise(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, stride, padding, dilation]


TIERS = {
    "cpu": {"batch_size": 4, "height": 96, "width": 96},
    "ci": {"batch_size": 2, "in_channels": 16, "out_channels": 32, "height": 40, "width": 40},
}
UNSEEN = [
    {"batch_size": 1, "in_channels": 13, "out_channels": 37, "height": 17, "width": 31},
    {"batch_size": 3, "in_channels": 5, "out_channels": 7, "height": 1, "width": 131},
]
