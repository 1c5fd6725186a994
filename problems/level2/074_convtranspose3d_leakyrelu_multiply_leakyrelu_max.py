"""Transposed 3D convolution, leaky ReLU (slope 0.2), one learned factor per channel, leaky ReLU, max pooling by 2.

x: (batch_size, in_channels, depth, height, width), multiplier: (out_channels, 1, 1, 1), of either sign; the convolution
leaves (size - 1) * stride - 2 * padding + output_padding + kernel_size on each axis, the pooling half of that;
y: (batch_size, out_channels, depth, height, width), all float32.
Differs: inputs are normal with standard deviation 5, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 16
in_channels = 16
out_channels = 32
depth = 16
height = 32
width = 32
kernel_size = 3
stride = 2
padding = 1
output_padding = 1


class Model(nn.Module):
    """Transposed convolution, two leaky ReLUs around a multiplication, max pooling."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int,
        padding: int,
        output_padding: int,
        multiplier_shape: tuple,
    ) -> None:
        super().__init__()
        self.conv_transpose = nn.ConvTranspose3d(
            in_channels, out_channels, kernel_size, stride, padding, output_padding
        )
        self.multiplier = nn.Parameter(torch.randn(multiplier_shape))
        self.leaky_relu = nn.LeakyReLU(0.2)
        self.max_pool = nn.MaxPool3d(2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.leaky_relu(self.conv_transpose(x))
        x = self.leaky_relu(x * self.multiplier)
        return self.max_pool(x)


def get_inputs() -> list:
    return [5.0 * torch.randn(batch_size, in_channels, depth, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, stride, padding, output_padding, (out_channels, 1, 1, 1)]


TIERS = {
    "cpu": {"batch_size": 2, "depth": 5, "height": 24, "width": 24},
    "ci": {"batch_size": 2, "in_channels": 8, "out_channels": 12, "depth": 4, "height": 12, "width": 12},
}
UNSEEN = [
    {"batch_size": 3, "in_channels": 5, "out_channels": 7, "depth": 3, "height": 7, "width": 11},
    {"batch_size": 1, "in_channels": 3, "out_channels": 11, "depth": 1, "height": 13, "width": 17},
]
