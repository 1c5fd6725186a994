"""Transposed 1D convolution of long sequences with a dilated filter, without a bias.

Each x[b, c, i] * weight[c, o, p] is added to y[b, o, at(i, p)], where at(i, p) = i * stride - padding + dilation * p.
What falls outside of y is dropped.
x: (batch_size, in_channels, length), weight: (in_channels, out_channels, kernel_size),
y: (batch_size, out_channels, out_length), all float32,
out = (size - 1) * stride - 2 * padding + dilation * (kernel_size - 1) + 1.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 32
in_channels = 32
out_channels = 64
length = 131072
kernel_size = 5
stride = 1
padding = 0
dilation = 3


class Model(nn.Module):
    """One transposed convolution."""

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: int, stride: int, padding: int, dilation: int
    ) -> None:
        super().__init__()
        self.conv = nn.ConvTranspose1d(
            in_channels, out_channels, kernel_size, stride=stride, padding=padding, dilation=dilation, bias=False
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.conv(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, length)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, stride, padding, dilation]


TIERS = {
    "cpu": {"batch_size": 4, "length": 16384},
    "ci": {"batch_size": 2, "in_channels": 16, "out_channels": 32, "length": 1024},
}
UNSEEN = [
    {"batch_size": 1, "in_channels": 13, "out_channels": 37, "length": 1009},
    {"batch_size": 3, "in_channels": 5, "out_channels": 7, "length": 499},
]
