"""Transposed 2D convolution in groups with a stride, padding and dilation along each axis, without a bias.

Each x[b, c, i, j] * weight[c, o, p, q] is added to y[b, o', at(i, p), at(j, q)],
where o' = out_channels / groups * (c // (in_channels / groups)) + o
and at(i, p) = i * stride - padding + dilation * p, for each axis with its own numbers.
What falls outside of y is dropped.
x: (batch_size, in_channels, height, width), weight: (in_channels, out_channels / groups, *kernel_size),
y: (batch_size, out_channels, out_height, out_width), all float32,
out = (size - 1) * stride - 2 * padding + dilation * (kernel_size - 1) + 1.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 16
in_channels = 32
out_channels = 64
height = 128
width = 256
kernel_size = (3, 5)
stride = (2, 3)
padding = (1, 2)
dilation = (2, 1)
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
        dilation: tuple,
        groups: int,
    ) -> None:
        super().__init__()
        self.conv = nn.ConvTranspose2d(
            in_channels,
            out_channels,
            kernel_size,
            stride=stride,
            padding=padding,
            dilation=dilation,
            groups=groups,
            bias=False,
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.conv(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, stride, padding, dilation, groups]


TIERS = {
    "cpu": {"batch_size": 2, "height": 48, "width": 96},
    "ci": {"batch_size": 2, "in_channels": 16, "out_channels": 32, "height": 16, "width": 24},
}
UNSEEN = [
    {"batch_size": 1, "in_channels": 12, "out_channels": 20, "height": 17, "width": 29},
    {"batch_size": 3, "in_channels": 4, "out_channels": 28, "height": 3, "width": 37},
]
