"""Transposed 3D convolution with a stride of 2, padding and a cubic filter, without a bias.

Each x[b, c, i, j, k] * weight[c, o, p, q, r] is added to y[b, o, at(i, p), at(j, q), at(k, r)],
where at(i, p) = i * stride - padding + p. What falls outside of y is dropped.
x: (batch_size, in_channels, depth, height, width),
weight: (in_channels, out_channels, kernel_size, kernel_size, kernel_size),
y: (batch_size, out_channels, out_depth, out_height, out_width), all float32,
out = (size - 1) * stride - 2 * padding + kernel_size.
The name says grouped, but every output channel sees all input channels: `groups` belongs to the constructor and is not
used, as upstream has it.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 4
in_channels = 32
out_channels = 32
depth = 32
height = 64
width = 128
kernel_size = 3
stride = 2
padding = 1
groups = 4


class Model(nn.Module):
    """One transposed convolution."""

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: int, stride: int, padding: int, groups: int
    ) -> None:
        super().__init__()
        self.conv = nn.ConvTranspose3d(
            in_channels, out_channels, kernel_size, stride=stride, padding=padding, bias=False
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.conv(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, depth, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, stride, padding, groups]


TIERS = {
    "cpu": {"batch_size": 2, "depth": 8, "height": 16, "width": 32},
    "ci": {"batch_size": 2, "in_channels": 16, "out_channels": 16, "depth": 4, "height": 8, "width": 12},
}
UNSEEN = [
    {"batch_size": 1, "in_channels": 13, "out_channels": 7, "depth": 3, "height": 5, "width": 11},
    {"batch_size": 3, "in_channels": 5, "out_channels": 17, "depth": 1, "height": 7, "width": 13},
]
