"""Transposed 3D convolution in groups with a stride, padding and output padding along each axis, without a bias.

Each x[b, c, i, j, k] * weight[c, o, p, q, r] is added to y[b, o', at(i, p), at(j, q), at(k, r)],
where o' = out_channels / groups * (c // (in_channels / groups)) + o
and at(i, p) = i * stride - padding + p, for each axis with its own numbers. What falls outside of y is dropped.
x: (batch_size, in_channels, depth, height, width), weight: (in_channels, out_channels / groups, *kernel_size),
y: (batch_size, out_channels, out_depth, out_height, out_width), all float32,
out = (size - 1) * stride - 2 * padding + kernel_size + output_padding.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 8
in_channels = 32
out_channels = 32
depth = 12
height = 24
width = 48
kernel_size = (3, 5, 7)
stride = (2, 2, 2)
padding = (1, 2, 3)
output_padding = (1, 1, 1)
groups = 4


class Model(nn.Module):
    """One transposed convolution in groups."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: tuple,
        stride: tuple,
        padding: tuple,
        output_padding: tuple,
        groups: int,
    ) -> None:
        super().__init__()
        self.conv = nn.ConvTranspose3d(
            in_channels,
            out_channels,
            kernel_size,
            stride=stride,
            padding=padding,
            output_padding=output_padding,
            groups=groups,
            bias=False,
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.conv(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, depth, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, stride, padding, output_padding, groups]


TIERS = {
    "cpu": {"batch_size": 4, "depth": 8, "height": 16, "width": 32},
    "ci": {"batch_size": 2, "in_channels": 16, "out_channels": 16, "depth": 4, "height": 8, "width": 12},
}
UNSEEN = [
    {"batch_size": 1, "in_channels": 12, "out_channels": 20, "depth": 3, "height": 5, "width": 13},
    {"batch_size": 3, "in_channels": 4, "out_channels": 28, "depth": 1, "height": 7, "width": 11},
]
