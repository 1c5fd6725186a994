"""Transposed 3D convolution to half as many channels with a cubic filter, without a bias.

Each x[b, c, i, j, k] * weight[c, o, p, q, r] is added to y[b, o, i + p, j + q, k + r].
x: (batch_size, in_channels, depth, height, width),
weight: (in_channels, out_channels, kernel_size, kernel_size, kernel_size),
y: (batch_size, out_channels, out_depth, out_height, out_width), all float32, out = size + kernel_size - 1.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 8
in_channels = 48
out_channels = 24
depth = 96
height = 96
width = 96
kernel_size = 3


class Model(nn.Module):
    """One transposed convolution."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int) -> None:
        super().__init__()
        self.conv = nn.ConvTranspose3d(in_channels, out_channels, kernel_size, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.conv(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, depth, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size]


TIERS = {
    "cpu": {"batch_size": 1, "depth": 24, "height": 24, "width": 24},
    "ci": {"batch_size": 2, "in_channels": 16, "out_channels": 8, "depth": 10, "height": 10, "width": 10},
}
UNSEEN = [
    {"batch_size": 1, "in_channels": 13, "out_channels": 7, "depth": 5, "height": 7, "width": 11},
    {"batch_size": 3, "in_channels": 5, "out_channels": 17, "depth": 1, "height": 3, "width": 13},
]
