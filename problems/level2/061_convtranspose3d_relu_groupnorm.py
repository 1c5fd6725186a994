"""Transposed 3D convolution without a bias, ReLU, group normalisation with an affine map.

x: (batch_size, in_channels, depth, height, width), y: (batch_size, out_channels, depth + kernel_size - 1,
height + kernel_size - 1, width + kernel_size - 1), stride 1, no padding, all float32; eps is 1e-5.
Differs: inputs are normal, upstream's are uniform in [0, 1); the norm's weight and bias are random, not ones and zeros.
"""

import torch
import torch.nn as nn

batch_size = 16
in_channels = 64
out_channels = 128
depth = 32
height = 32
width = 32
kernel_size = 3
groups = 8
bias = False


class Model(nn.Module):
    """Transposed convolution, ReLU and group normalisation."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, groups: int, bias: bool) -> None:
        super().__init__()
        self.conv_transpose = nn.ConvTranspose3d(in_channels, out_channels, kernel_size, bias=bias)
        self.group_norm = nn.GroupNorm(groups, out_channels)
        nn.init.uniform_(self.group_norm.weight, 0.5, 1.5)
        nn.init.normal_(self.group_norm.bias, std=0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.conv_transpose(x))
        return self.group_norm(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, depth, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, groups, bias]


TIERS = {
    "cpu": {"batch_size": 2, "depth": 12, "height": 12, "width": 12},
    "ci": {"batch_size": 2, "in_channels": 8, "out_channels": 16, "depth": 6, "height": 10, "width": 10, "groups": 4},
}
UNSEEN = [
    {"batch_size": 3, "in_channels": 5, "out_channels": 21, "depth": 3, "height": 7, "width": 11, "groups": 7},
    {"batch_size": 1, "in_channels": 7, "out_channels": 11, "depth": 1, "height": 13, "width": 17, "groups": 1},
]
