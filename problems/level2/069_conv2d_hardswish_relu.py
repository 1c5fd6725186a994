"""Convolution, hard swish, ReLU: h = conv(x), y = max(h * clamp((h + 3) / 6, 0, 1), 0).

x: (batch_size, in_channels, height, width); kernel: kernel_size x kernel_size, stride 1, no padding, with a bias;
y: (batch_size, out_channels, height - kernel_size + 1, width - kernel_size + 1), all float32.
Differs: inputs are normal with standard deviation 4; upstream's, uniform in [0, 1), never reach the clamp's bounds.
"""

import torch
import torch.nn as nn

batch_size = 128
in_channels = 8
out_channels = 64
height = 128
width = 128
kernel_size = 3


class Model(nn.Module):
    """Convolution with hard swish and ReLU behind it."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, kernel_size)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = nn.functional.hardswish(self.conv(x))
        return torch.relu(x)


def get_inputs() -> list:
    return [4.0 * torch.randn(batch_size, in_channels, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size]


TIERS = {
    "cpu": {"batch_size": 20, "height": 64, "width": 64},
    "ci": {"batch_size": 2, "in_channels": 4, "out_channels": 16, "height": 32, "width": 32},
}
UNSEEN = [
    {"batch_size": 3, "in_channels": 5, "out_channels": 7, "height": 19, "width": 41},
    {"batch_size": 1, "in_channels": 1, "out_channels": 13, "height": 3, "width": 71},
]
