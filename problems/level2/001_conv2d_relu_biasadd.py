"""Convolution, ReLU, then a learned bias per channel: y = relu(conv2d(x)) + bias.

x: (batch_size, in_channels, height, width), bias: (out_channels, 1, 1), y: (batch_size, out_channels, height', width')
with height' = height - kernel_size + 1, all float32. The convolution has a bias of its own, ahead of the ReLU.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 128
in_channels = 64
out_channels = 128
height = 128
width = 128
kernel_size = 3
bias_shape = (out_channels, 1, 1)


class Model(nn.Module):
    """Convolution, ReLU and an added bias."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, bias_shape: tuple) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, kernel_size)
        self.bias = nn.Parameter(torch.randn(bias_shape))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.conv(x)) + self.bias


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, bias_shape]


TIERS = {
    "cpu": {"batch_size": 8, "height": 32, "width": 32},
    "ci": {"batch_size": 4, "in_channels": 16, "out_channels": 32, "height": 32, "width": 32},
}
UNSEEN = [
    {"batch_size": 3, "in_channels": 7, "out_channels": 13, "height": 29, "width": 41},
    {"batch_size": 1, "in_channels": 5, "out_channels": 37, "height": 67, "width": 9, "kernel_size": 5},
]
