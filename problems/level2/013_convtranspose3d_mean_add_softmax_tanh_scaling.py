"""Transposed 3D convolution, mean over the depth, a bias, softmax over the channels, tanh, times a constant.

x: (batch_size, in_channels, depth, height, width), bias: (1, out_channels, 1, 1, 1), y: (batch_size, out_channels, 1,
height', width') with height' = (height - 1) * stride - 2 * padding + kernel_size, all float32.
Differs: normal inputs with std 8 * sqrt(depth): with upstream's, in [0, 1), the softmax hardly sees the input.
"""

import math

import torch
import torch.nn as nn

batch_size = 16
in_channels = 16
out_channels = 64
depth = 32
height = 128
width = 128
kernel_size = 3
stride = 1
padding = 1
scaling_factor = 2.0


class Model(nn.Module):
    """Transposed convolution, mean, bias, softmax, tanh and scaling."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int,
        padding: int,
        scaling_factor: float,
    ) -> None:
        super().__init__()
        self.conv = nn.ConvTranspose3d(in_channels, out_channels, kernel_size, stride=stride, padding=padding)
        self.bias = nn.Parameter(torch.randn(1, out_channels, 1, 1, 1))
        self.scaling_factor = scaling_factor

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.conv(x).mean(dim=2, keepdim=True)
        x = torch.softmax(x + self.bias, dim=1)
        return torch.tanh(x) * self.scaling_factor


def get_inputs() -> list:
    # The mean over the depth shrinks the spread of the logits by sqrt(depth).
    return [8 * math.sqrt(depth) * torch.randn(batch_size, in_channels, depth, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, stride, padding, scaling_factor]


TIERS = {
    "cpu": {"batch_size": 2, "depth": 16, "height": 24, "width": 24},
    "ci": {"batch_size": 2, "in_channels": 8, "out_channels": 32, "depth": 8, "height": 16, "width": 16},
}
UNSEEN = [
    {"batch_size": 3, "in_channels": 5, "out_channels": 7, "depth": 5, "height": 13, "width": 19},
    {"batch_size": 1, "in_channels": 3, "out_channels": 37, "depth": 2, "height": 1, "width": 67},
]
