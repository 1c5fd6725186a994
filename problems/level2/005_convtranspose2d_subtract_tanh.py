"""Transposed convolution, a bias per channel subtracted, tanh: y = tanh(conv(x) - bias).

x: (batch_size, in_channels, height, width), bias: (out_channels, 1, 1), y: (batch_size, out_channels, height', width')
with height' = (height - 1) * 2 - 2 + kernel_size + 1 (stride 2, padding and output padding 1), all float32.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 32
in_channels = 64
out_channels = 64
height = 256
width = 256
kernel_size = 4
bias_shape = (out_channels, 1, 1)


class Model(nn.Module):
    """Transposed convolution, subtraction and tanh."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        bias_shape: tuple,
        stride: int = 2,
        padding: int = 1,
        output_padding: int = 1,
    ) -> None:
        super().__init__()
        self.conv = nn.ConvTranspose2d(
            in_channels, out_channels, kernel_size, stride=stride, padding=padding, output_padding=output_padding
        )
        self.bias = nn.Parameter(torch.randn(bias_shape))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.tanh(self.conv(x) - self.bias)


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, bias_shape]


TIERS = {
    "cpu": {"batch_size": 2, "height": 48, "width": 48},
    "ci": {"batch_size": 2, "in_channels": 16, "out_channels": 24, "height": 16, "width": 16},
}
UNSEEN = [
    {"batch_size": 3, "in_channels": 5, "out_channels": 11, "height": 13, "width": 19},
    {"batch_size": 1, "in_channels": 7, "out_channels": 17, "height": 1, "width": 53, "kernel_size": 5},
]
