"""Depthwise 2D convolution of a wide image with a filter that is wider than tall, without a bias.

y[b, c, i, j] = sum over p, q of weight[c, 0, p, q] * x[b, c, at_h(i, p), at_w(j, q)],
where at(i, p) = i * stride - padding + dilation * p, with the numbers of the height (h) and of the width (w).
Outside of x there are zeros; in_channels, out_channels and groups are equal.
x: (batch_size, in_channels, height, width), weight: (out_channels, 1, kernel_size_h, kernel_size_w),
y: (batch_size, out_channels, out_height, out_width), all float32,
out = (size + 2 * padding - dilation * (kernel_size - 1) - 1) // stride + 1.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 32
in_channels = 128
out_channels = 128
height = 128
width = 256
kernel_size_h = 3
kernel_size_w = 7
stride_h = 1
stride_w = 1
padding_h = 0
padding_w = 0
dilation_h = 1
dilation_w = 1
groups = 128


class Model(nn.Module):
    """One convolution with as many groups as channels."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size_h: int,
        kernel_size_w: int,
        stride_h: int,
        stride_w: int,
        padding_h: int,
        padding_w: int,
        dilation_h: int,
        dilation_w: int,
        groups: int,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(
            in_channels,
            out_channels,
            (kernel_size_h, kernel_size_w),
            stride=(stride_h, stride_w),
            padding=(padding_h, padding_w),
            dilation=(dilation_h, dilation_w),
            groups=groups,
            bias=False,
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.conv(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, height, width)]


def get_init_inputs() -> list:
    kernel = [kernel_size_h, kernel_size_w]
    rest = [stride_h, stride_w, padding_h, padding_w, dilation_h, dilation_w, groups]
    return [in_channels, out_channels, *kernel, *rest]


TIERS = {
    "cpu": {"batch_size": 6, "height": 64, "width": 128},
    "ci": {"batch_size": 2, "in_channels": 32, "out_channels": 32, "height": 24, "width": 48, "groups": 32},
}
UNSEEN = [
    {"batch_size": 1, "in_channels": 5, "out_channels": 5, "height": 17, "width": 67, "groups": 5},
    {"batch_size": 3, "in_channels": 7, "out_channels": 7, "height": 3, "width": 131, "groups": 7},
]
