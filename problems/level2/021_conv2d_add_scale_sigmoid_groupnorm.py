"""Convolution, plus a bias and times a scale per channel, sigmoid, group norm: gn(sigmoid((conv2d(x) + bias) * scale)).

x: (batch_size, in_channels, height, width), bias and scale: (out_channels, 1, 1), y: (batch_size, out_channels,
height', width') with height' = height - kernel_size + 1, all float32.
Differs: inputs are normal and the norm's affine parameters random, upstream's are uniform in [0, 1), ones and zeros.
"""

import torch
import torch.nn as nn

batch_size = 128
in_channels = 8
out_channels = 32
height = 256
width = 256
kernel_size = 3
num_groups = 8
bias_shape = (out_channels, 1, 1)
scale_shape = (out_channels, 1, 1)


class Model(nn.Module):
    """Convolution, bias, scale, sigmoid and group norm."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        num_groups: int,
        bias_shape: tuple,
        scale_shape: tuple,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, kernel_size)
        self.bias = nn.Parameter(torch.randn(bias_shape))
        self.scale = nn.Parameter(torch.randn(scale_shape))
        self.group_norm = nn.GroupNorm(num_groups, out_channels)
        nn.init.uniform_(self.group_norm.weight, 0.5, 1.5)
        nn.init.normal_(self.group_norm.bias, std=0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = (self.conv(x) + self.bias) * self.scale
        return self.group_norm(torch.sigmoid(x))


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, num_groups, bias_shape, scale_shape]


TIERS = {
    "cpu": {"batch_size": 6, "height": 112, "width": 112},
    "ci": {"batch_size": 4, "height": 32, "width": 32},
}
UNSEEN = [
    {"batch_size": 3, "in_channels": 5, "out_channels": 21, "height": 29, "width": 17, "num_groups": 7},
    {"batch_size": 1, "in_channels": 1, "out_channels": 15, "height": 67, "width": 5, "num_groups": 3},
]
