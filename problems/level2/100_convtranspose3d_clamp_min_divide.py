"""Transposed 3D convolution, lower bound, division: y = max(conv_transpose3d(x), min_value) / divisor.

x: (batch_size, in_channels, depth, height, width), y: (batch_size, out_channels, depth', height', width') with
size' = (size - 1) * stride - 2 * padding + kernel_size, float32.
Differs: normal inputs; weights of std 0.7 / sqrt(in_channels): with upstream's, nothing falls below min_value.
"""

import torch
import torch.nn as nn

batch_size = 16
in_channels = 64
out_channels = 128
depth = 24
height = 48
width = 48
kernel_size = 3
stride = 2
padding = 1
min_value = -1.0
divisor = 2.0


class Model(nn.Module):
    """Transposed convolution, lower bound, division."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int,
        padding: int,
        min_value: float,
        divisor: float,
    ) -> None:
        super().__init__()
        self.conv_transpose = nn.ConvTranspose3d(in_channels, out_channels, kernel_size, stride=stride, padding=padding)
        nn.init.normal_(self.conv_transpose.weight, std=0.7 * in_channels**-0.5)
        nn.init.normal_(self.conv_transpose.bias, std=0.5)
        self.min_value = min_value
        self.divisor = divisor

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.conv_transpose(x)
        x = torch.clamp(x, min=self.min_value)
        return x / self.divisor


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, depth, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, stride, padding, min_value, divisor]


TIERS = {
    "cpu": {"batch_size": 2, "in_channels": 32, "out_channels": 64, "depth": 8, "height": 16, "width": 16},
    "ci": {"batch_size": 2, "in_channels": 16, "out_channels": 16, "depth": 4, "height": 8, "width": 8},
}
UNSEEN = [
    {"batch_size": 1, "in_channels": 5, "out_channels": 19, "depth": 3, "height": 9, "width": 7},
    {"batch_size": 3, "in_channels": 7, "out_channels": 11, "depth": 1, "height": 5, "width": 13, "kernel_size": 4},
]
