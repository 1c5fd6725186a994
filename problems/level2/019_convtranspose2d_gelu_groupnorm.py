"""Transposed convolution, exact (erf) GELU, group norm.

x: (batch_size, in_channels, height, width), y: (batch_size, out_channels, height', width') with
height' = (height - 1) * stride + kernel_size, float32. The constructor takes `groups` too, but the convolution is a
dense one: `num_groups` alone counts, for the group norm.
Differs: inputs are normal and the norm's affine parameters random, upstream's are uniform in [0, 1), ones and zeros.
"""

import torch
import torch.nn as nn

batch_size = 128
in_channels = 64
out_channels = 64
height = 256
width = 256
kernel_size = 3
stride = 1
groups = 8
num_groups = 8


class Model(nn.Module):
    """Transposed convolution, GELU and group norm."""

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: int, stride: int, groups: int, num_groups: int
    ) -> None:
        super().__init__()
        self.conv = nn.ConvTranspose2d(in_channels, out_channels, kernel_size, stride=stride)
        self.group_norm = nn.GroupNorm(num_groups, out_channels)
        nn.init.uniform_(self.group_norm.weight, 0.5, 1.5)
        nn.init.normal_(self.group_norm.bias, std=0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = nn.functional.gelu(self.conv(x))
        return self.group_norm(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, stride, groups, num_groups]


TIERS = {
    "cpu": {"batch_size": 3, "height": 64, "width": 64},
    "ci": {"batch_size": 2, "in_channels": 16, "out_channels": 32, "height": 24, "width": 24},
}
UNSEEN = [
    {"batch_size": 3, "in_channels": 5, "out_channels": 21, "height": 13, "width": 19, "num_groups": 7},
    {"batch_size": 1, "in_channels": 7, "out_channels": 15, "height": 1, "width": 53, "num_groups": 3},
]
