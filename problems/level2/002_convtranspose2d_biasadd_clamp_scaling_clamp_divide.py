"""Transposed convolution and a chain of clamps: y = clamp(s * clamp(conv(x) + bias, 0.1, 1), 0, 1) / s.

x: (batch_size, in_channels, height, width), bias: (out_channels, 1, 1), y: (batch_size, out_channels, height', width')
with height' = (height - 1) * stride - 2 * padding + kernel_size + output_padding, all float32; s is a number.
Differs: normal inputs; bias of deviation 0.5; first clamp from 0.1, upstream's from 0 leaves all to the second.
"""

import torch
import torch.nn as nn

batch_size = 128
in_channels = 64
out_channels = 64
height = 128
width = 128
kernel_size = 3
stride = 2
padding = 1
output_padding = 1
bias_shape = (out_channels, 1, 1)
scaling_factor = 2.0


class Model(nn.Module):
    """Transposed convolution, bias, and two clamps around a scaling that is undone at the end."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int,
        padding: int,
        output_padding: int,
        bias_shape: tuple,
        scaling_factor: float,
    ) -> None:
        super().__init__()
        self.conv = nn.ConvTranspose2d(
            in_channels, out_channels, kernel_size, stride=stride, padding=padding, output_padding=output_padding
        )
        self.bias = nn.Parameter(0.5 * torch.randn(bias_shape))
        self.scaling_factor = scaling_factor

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.clamp(self.conv(x) + self.bias, 0.1, 1.0)
        x = torch.clamp(x * self.scaling_factor, 0.0, 1.0)
        return x / self.scaling_factor


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, stride, padding, output_padding, bias_shape, scaling_factor]


TIERS = {
    "cpu": {"batch_size": 8, "height": 32, "width": 32},
    "ci": {"batch_size": 2, "in_channels": 16, "out_channels": 24, "height": 16, "width": 16},
}
UNSEEN = [
    {"batch_size": 3, "in_channels": 5, "out_channels": 11, "height": 13, "width": 19},
    {"batch_size": 1, "in_channels": 7, "out_channels": 17, "height": 1, "width": 53, "scaling_factor": 3.0},
]
