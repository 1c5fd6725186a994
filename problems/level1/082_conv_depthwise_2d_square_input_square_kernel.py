"""Depthwise 2D convolution: every channel is convolved with its own square filter, without a bias.

x: (batch_size, in_channels, height, width), weight: (in_channels, 1, kernel_size, kernel_size),
y: (batch_size, in_channels, out_height, out_width), float32, out = (size + 2 * padding - kernel_size) // stride + 1.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 16
in_channels = 64
height = 512
width = 512
kernel_size = 3
stride = 1
padding = 0


class Model(nn.Module):
    """One convolution with as many groups as channels."""

    def __init__(self, in_channels: int, kernel_size: int, stride: int = 1, padding: int = 0) -> None:
        super().__init__()
        self.conv2d = nn.Conv2d(
            in_channels, in_channels, kernel_size, stride=stride, padding=padding, groups=in_channels, bias=False
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.conv2d(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, height, width)]


def get_init_inputs() -> list:
    return [in_channels, kernel_size, stride, padding]


TIERS = {
    "cpu": {"batch_size": 4, "height": 128, "width": 128},
    "ci": {"batch_size": 2, "in_channels": 16, "height": 32, "width": 32},
}
UNSEEN = [
    {"batch_size": 1, "in_channels": 5, "height": 17, "width": 31},
    {"batch_size": 3, "in_channels": 7, "height": 3, "width": 67},
]
