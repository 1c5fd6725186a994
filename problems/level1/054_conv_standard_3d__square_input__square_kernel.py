"""3D convolution with a cubic filter, without a bias.

y[b, o, i, j, k] = sum over c, p, q, r of weight[o, c, p, q, r] * x[b, c, i + p, j + q, k + r].
x: (batch_size, in_channels, depth, height, width),
weight: (out_channels, in_channels, kernel_size, kernel_size, kernel_size),
y: (batch_size, out_channels, out_depth, out_height, out_width), all float32, out = size - kernel_size + 1.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 16
in_channels = 3
out_channels = 64
depth = 64
height = 64
width = 64
kernel_size = 3


class Model(nn.Module):
    """One convolution."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int) -> None:
        super().__init__()
        self.conv = nn.Conv3d(in_channels, out_channels, kernel_size, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.conv(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, depth, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size]


TIERS = {
    "cpu": {"batch_size": 2, "depth": 38, "height": 38, "width": 38},
    "ci": {"batch_size": 2, "out_channels": 32, "depth": 16, "height": 16, "width": 16},
}
UNSEEN = [
    {"batch_size": 1, "in_channels": 5, "out_channels": 7, "depth": 11, "height": 13, "width": 17},
    {"batch_size": 3, "in_channels": 2, "out_channels": 33, "depth": 5, "height": 7, "width": 19},
]
