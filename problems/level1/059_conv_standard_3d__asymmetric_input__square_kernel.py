"""3D convolution with a filter of kernel_size x kernel_size x 1, without a bias.

y[b, o, i, j, k] = sum over c, p, q of weight[o, c, p, q, 0] * x[b, c, i + p, j + q, k].
x: (batch_size, in_channels, height, width, depth), weight: (out_channels, in_channels, kernel_size, kernel_size, 1),
y: (batch_size, out_channels, out_height, out_width, out_depth), all float32,
out = size - kernel_size + 1 for height and width, and depth stays.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 16
in_channels = 3
out_channels = 64
height = 256
width = 256
depth = 10
kernel_size = 3


class Model(nn.Module):
    """One convolution."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int) -> None:
        super().__init__()
        self.conv = nn.Conv3d(in_channels, out_channels, (kernel_size, kernel_size, 1), bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.conv(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, height, width, depth)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size]


TIERS = {
    "cpu": {"batch_size": 2, "height": 72, "width": 72, "depth": 10},
    "ci": {"batch_size": 2, "out_channels": 16, "height": 24, "width": 24, "depth": 10},
}
UNSEEN = [
    {"batch_size": 1, "in_channels": 5, "out_channels": 7, "height": 17, "width": 29, "depth": 7},
    {"batch_size": 3, "in_channels": 2, "out_channels": 33, "height": 11, "width": 37, "depth": 1},
]
