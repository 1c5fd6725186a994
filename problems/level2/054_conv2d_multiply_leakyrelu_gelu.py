"""Convolution, multiplication by one learned factor per channel, leaky ReLU (slope 0.01), GELU in its exact (erf) form.

x: (batch_size, in_channels, height, width); kernel: kernel_size x kernel_size, stride 1, no padding, with a bias;
multiplier: (out_channels, 1, 1), of either sign;
y: (batch_size, out_channels, height - kernel_size + 1, width - kernel_size + 1), all float32.
Differs: inputs are normal with standard deviation 2, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 64
in_channels = 64
out_channels = 64
height = 256
width = 256
kernel_size = 3


class Model(nn.Module):
    """Convolution with three elementwise operations behind it."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, multiplier_shape: tuple) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, kernel_size)
        self.multiplier = nn.Parameter(torch.randn(multiplier_shape))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.conv(x) * self.multiplier
        x = nn.functional.leaky_relu(x)
        return nn.functional.gelu(x)


def get_inputs() -> list:
    return [2.0 * torch.randn(batch_size, in_channels, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, (out_channels, 1, 1)]


TIERS = {
    "cpu": {"batch_size": 8, "height": 64, "width": 64},
    "ci": {"batch_size": 2, "in_channels": 8, "out_channels": 16, "height": 32, "width": 32},
}
UNSEEN = [
    {"batch_size": 3, "in_channels": 7, "out_channels": 5, "height": 19, "width": 37},
    {"batch_size": 1, "in_channels": 3, "out_channels": 13, "height": 3, "width": 61},
]
