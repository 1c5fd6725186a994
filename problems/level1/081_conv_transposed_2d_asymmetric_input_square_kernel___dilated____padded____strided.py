"""Transposed 2D convolution of a wide image with a stride of 5, padding and a dilation of 2, without a bias.

Each x[b, c, i, j] * weight[c, o, p, q] is added to y[b, o, at(i, p), at(j, q)],
where at(i, p) = i * stride - padding + dilation * p. What falls outside of y is dropped.
x: (batch_size, in_channels, height, width), weight: (in_channels, out_channels, kernel_size, kernel_size),
y: (batch_size, out_channels, out_height, out_width), all float32,
out = (size - 1) * stride - 2 * padding + dilation * (kernel_size - 1) + 1.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 16
in_channels = 32
out_channels = 64
height = 64
width = 128
kernel_size = 3
stride = 5
padding = 1
dilation = 2


class Model(nn.Module):
    """One transposed convolution."""

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: int, stride: int, padding: int, dilation: int
    ) -> None:
        super().__init__()
        self.conv = nn.ConvTranspose2d(
            in_channels, out_channels, kernel_size, stride=stride, padding=padding, dilation=dilation, bias=False
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.conv(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, stride, padding, dilation]


TIERS = {
    "cpu": {"batch_size": 2, "height": 32, "width": 64},
    "ci": {"batch_size": 2, "in_channels": 16, "out_channels": 16, "height": 8, "width": 16},
}
UNSEEN = [
    {"batch_size": 1, "in_channels": 13, "out_channels": 7, "height": 11, "width": 17},
    {"batch_size": 3, "in_channels": 5, "out_channels": 11, "height": 3, "width": 29},
]
