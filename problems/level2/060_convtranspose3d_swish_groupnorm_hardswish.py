"""Transposed 3D convolution, Swish h * sigmoid(h), group normalisation with an affine map, hard swish.

x: (batch_size, in_channels, depth, height, width), y: (batch_size, out_channels, out_depth, out_height, out_width)
with out = (size - 1) * stride - 2 * padding + kernel_size, all float32; the convolution has a bias.
Hard swish is z * clamp((z + 3) / 6, 0, 1). The weights are larger than by default, which left Swish nearly linear.
Differs: normal inputs; convolution weights of standard deviation 0.3; the norm's weight and bias are random.
"""

import torch
import torch.nn as nn

batch_size = 128
in_channels = 3
out_channels = 16
depth = 16
height = 32
width = 32
kernel_size = 3
stride = 2
padding = 1
groups = 4
eps = 1e-5


class Model(nn.Module):
    """Transposed convolution, Swish, group normalisation and hard swish."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int,
        padding: int,
        groups: int,
        eps: float,
    ) -> None:
        super().__init__()
        self.conv_transpose = nn.ConvTranspose3d(in_channels, out_channels, kernel_size, stride, padding)
        self.group_norm = nn.GroupNorm(groups, out_channels, eps)
        nn.init.normal_(self.conv_transpose.weight, std=0.3)
        nn.init.uniform_(self.group_norm.weight, 0.5, 1.5)
        nn.init.normal_(self.group_norm.bias, std=0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.conv_transpose(x)
        x = x * torch.sigmoid(x)
        x = self.group_norm(x)
        return nn.functional.hardswish(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, depth, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, stride, padding, groups, eps]


TIERS = {
    "cpu": {"batch_size": 2, "depth": 8},
    "ci": {"batch_size": 2, "out_channels": 8, "depth": 5, "height": 12, "width": 12},
}
UNSEEN = [
    {"batch_size": 3, "in_channels": 2, "out_channels": 10, "depth": 7, "height": 5, "width": 11, "groups": 5},
    {"batch_size": 1, "out_channels": 7, "depth": 1, "height": 17, "width": 23, "groups": 1},
]
