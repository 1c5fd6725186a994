"""Convolution, division by a constant, leaky ReLU with slope 0.01: y = leaky_relu(conv(x) / divisor).

x: (batch_size, in_channels, height, width); kernel: kernel_size x kernel_size, stride 1, no padding, with a bias;
y: (batch_size, out_channels, height - kernel_size + 1, width - kernel_size + 1), all float32.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 128
in_channels = 8
out_channels = 64
height = 128
width = 128
kernel_size = 3
divisor = 2


class Model(nn.Module):
    """Convolution with a division and leaky ReLU behind it."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, divisor: float) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, kernel_size)
        self.divisor = divisor

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.conv(x) / self.divisor
        return nn.functional.leaky_relu(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, divisor]


TIERS = {
    "cpu": {"batch_size": 20, "height": 64, "width": 64},
    "ci": {"batch_size": 2, "in_channels": 4, "out_channels": 16, "height": 32, "width": 32},
}
UNSEEN = [
    {"batch_size": 3, "in_channels": 5, "out_channels": 7, "height": 29, "width": 17},
    {"batch_size": 1, "in_channels": 1, "out_channels": 19, "height": 3, "width": 53},
]
