"""Transposed 2D convolution of a wide image with padding that keeps its size, without a bias.

Each x[b, c, i, j] * weight[c, o, p, q] is added to y[b, o, at(i, p), at(j, q)],
where at(i, p) = i * stride - padding + p, for each axis with its own numbers. What falls outside of y is dropped.
x: (batch_size, in_channels, height, width), weight: (in_channels, out_channels, *kernel_size),
y: (batch_size, out_channels, out_height, out_width), all float32,
out = (size - 1) * stride - 2 * padding + kernel_size.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 8
in_channels = 32
out_channels = 32
height = 512
width = 1024
kernel_size = (3, 7)
stride = (1, 1)
padding = (1, 3)


class Model(nn.Module):
    """One transposed convolution."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: tuple, stride: tuple, padding: tuple) -> None:
        super().__init__()
        self.conv = nn.ConvTranspose2d(
            in_channels, out_channels, kernel_size, stride=stride, padding=padding, bias=False
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.conv(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, stride, padding]


TIERS = {
    "cpu": {"batch_size": 2, "height": 96, "width": 192},
    "ci": {"batch_size": 2, "in_channels": 16, "out_channels": 16, "height": 24, "width": 48},
}
UNSEEN = [
    {"batch_size": 1, "in_channels": 13, "out_channels": 7, "height": 17, "width": 67},
    {"batch_size": 3, "in_channels": 5, "out_channels": 33, "height": 3, "width": 131},
]
