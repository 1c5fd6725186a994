"""3D convolution of a flat volume with a different filter size along every axis, without a bias.

y[b, o, i, j, k] = sum over c, p, q, r of weight[o, c, p, q, r] * x[b, c, i + p, j + q, k + r].
x: (batch_size, in_channels, depth, height, width), weight: (out_channels, in_channels, *kernel_size),
y: (batch_size, out_channels, out_depth, out_height, out_width), all float32,
out = size - kernel_size + 1 for each axis.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 8
in_channels = 3
out_channels = 64
depth = 16
height = 128
width = 128
kernel_size = (3, 5, 7)


class Model(nn.Module):
    """One convolution."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: tuple) -> None:
        super().__init__()
        self.conv = nn.Conv3d(in_channels, out_channels, kernel_size, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.conv(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, depth, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size]


TIERS = {
    "cpu": {"batch_size": 2, "depth": 8, "height": 64, "width": 64},
    "ci": {"batch_size": 2, "out_channels": 32, "depth": 6, "height": 24, "width": 24},
}
UNSEEN = [
    {"batch_size": 1, "in_channels": 5, "out_channels": 7, "depth": 5, "height": 13, "width": 29},
    {"batch_size": 3, "in_channels": 2, "out_channels": 33, "depth": 3, "height": 7, "width": 37},
]
