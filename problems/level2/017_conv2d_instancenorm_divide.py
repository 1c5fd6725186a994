"""Convolution, instance norm without affine parameters, division: y = instance_norm(conv2d(x)) / divide_by.

x: (batch_size, in_channels, height, width), y: (batch_size, out_channels, height', width') with
height' = height - kernel_size + 1, float32. Every sample's every channel is normalised by the mean and the biased
variance of its own pixels (epsilon 1e-5), which cancels the convolution's bias.
Differs: inputs are normal with a scale per sample, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 128
in_channels = 64
out_channels = 128
height = 128
width = 128
kernel_size = 3
divide_by = 2.0


class Model(nn.Module):
    """Convolution, instance norm and division."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, divide_by: float) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, kernel_size)
        self.instance_norm = nn.InstanceNorm2d(out_channels)
        self.divide_by = divide_by

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.instance_norm(self.conv(x)) / self.divide_by


def get_inputs() -> list:
    scale = torch.randn(batch_size, 1, 1, 1).exp()
    return [scale * torch.randn(batch_size, in_channels, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, divide_by]


TIERS = {
    "cpu": {"batch_size": 8, "height": 32, "width": 32},
    "ci": {"batch_size": 4, "in_channels": 16, "out_channels": 32, "height": 32, "width": 32},
}
UNSEEN = [
    {"batch_size": 3, "in_channels": 7, "out_channels": 13, "height": 29, "width": 41},
    {"batch_size": 1, "in_channels": 5, "out_channels": 37, "height": 67, "width": 9, "kernel_size": 5},
]
