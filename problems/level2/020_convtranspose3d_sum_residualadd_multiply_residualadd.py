"""Transposed 3D convolution c = conv(x), then y = ((c + bias) + c) * c + c.

x: (batch_size, in_channels, depth, height, width), bias: (out_channels, 1, 1, 1), y: (batch_size, out_channels, depth',
height', width') with depth' = (depth - 1) * stride - 2 * padding + kernel_size + output_padding, all float32.
Differs: inputs are normal with a standard deviation of 4, so that the product weighs as much as the sums.
"""

import torch
import torch.nn as nn

batch_size = 16
in_channels = 32
out_channels = 64
depth = 16
height = 32
width = 32
kernel_size = 3
stride = 2
padding = 1
output_padding = 1
bias_shape = (out_channels, 1, 1, 1)


class Model(nn.Module):
    """Transposed convolution, bias, and its own result added, multiplied and added again."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int,
        padding: int,
        output_padding: int,
        bias_shape: tuple,
    ) -> None:
        super().__init__()
        self.conv = nn.ConvTranspose3d(
            in_channels, out_channels, kernel_size, stride=stride, padding=padding, output_padding=output_padding
        )
        self.bias = nn.Parameter(torch.randn(bias_shape))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        conv = self.conv(x)
        x = conv + self.bias
        x = x + conv
        x = x * conv
        return x + conv


def get_inputs() -> list:
    return [4 * torch.randn(batch_size, in_channels, depth, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, stride, padding, output_padding, bias_shape]


TIERS = {
    "cpu": {"batch_size": 2, "depth": 6, "height": 16, "width": 16},
    "ci": {"batch_size": 2, "in_channels": 8, "out_channels": 16, "depth": 4, "height": 8, "width": 8},
}
UNSEEN = [
    {"batch_size": 3, "in_channels": 5, "out_channels": 7, "depth": 3, "height": 5, "width": 11},
    {"batch_size": 1, "in_channels": 3, "out_channels": 13, "depth": 1, "height": 7, "width": 37},
]
