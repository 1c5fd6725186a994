"""2D convolution with padding and a dilated filter that is wider than tall, without a bias.

y[b, o, i, j] = sum over c, p, q of weight[o, c, p, q] * x[b, c, at(i, p), at(j, q)],
where at(i, p) = i * stride - padding + dilation * p, for each axis with its own numbers. Outside of x there are zeros.
x: (batch_size, in_channels, height, width), weight: (out_channels, in_channels, *kernel_size),
y: (batch_size, out_channels, out_height, out_width), all float32,
out = (size + 2 * padding - dilation * (kernel_size - 1) - 1) // stride + 1.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 8
in_channels = 32
out_channels = 64
height = 512
width = 512
kernel_size = (5, 9)
stride = 1
padding = (2, 4)
dilation = (2, 3)


class Model(nn.Module):
    """One convolution."""

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: tuple, stride: int, padding: tuple, dilation: tuple
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(
            in_channels, out_channels, kernel_size, stride=stride, padding=padding, dilation=dilation, bias=False
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.conv(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, stride, padding, dilation]


TIERS = {
    "cpu": {"batch_size": 2, "height": 72, "width": 72},
    "ci": {"batch_size": 2, "in_channels": 8, "out_channels": 16, "height": 40, "width": 40},
}
UNSEEN = [
    {"batch_size": 1, "in_channels": 13, "out_channels": 37, "height": 17, "width": 31},
    {"batch_size": 3, "in_channels": 5, "out_channels": 7, "height": 5, "width": 67},
]
