"""Transposed convolution, batch norm on batch statistics, tanh, 2 x 2 max pooling, group norm.

x: (batch_size, in_channels, height, width), y: (batch_size, out_channels, height', width') with
height' = ((height - 1) * stride - 2 * padding + kernel_size) // 2, float32. The constructor takes `groups` too, but the
convolution is a dense one: `num_groups` alone counts, for the group norm. Batch norm cancels the convolution's bias.
Differs: inputs are normal and both norms' affine parameters random, upstream's are uniform in [0, 1), ones and zeros.
"""

import torch
import torch.nn as nn

batch_size = 512
in_channels = 64
out_channels = 128
height = 32
width = 32
kernel_size = 5
stride = 1
padding = 1
groups = 8
num_groups = 8


class Model(nn.Module):
    """Transposed convolution, batch norm, tanh, max pooling and group norm."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int,
        padding: int,
        groups: int,
        num_groups: int,
    ) -> None:
        super().__init__()
        self.conv = nn.ConvTranspose2d(in_channels, out_channels, kernel_size, stride=stride, padding=padding)
        self.batch_norm = nn.BatchNorm2d(out_channels)
        self.max_pool = nn.MaxPool2d(2)
        self.group_norm = nn.GroupNorm(num_groups, out_channels)
        for norm in (self.batch_norm, self.group_norm):
            nn.init.uniform_(norm.weight, 0.5, 1.5)
            nn.init.normal_(norm.bias, std=0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.tanh(self.batch_norm(self.conv(x)))
        return self.group_norm(self.max_pool(x))


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, stride, padding, groups, num_groups]


TIERS = {
    "cpu": {"batch_size": 4, "height": 24, "width": 24},
    "ci": {"batch_size": 4, "in_channels": 16, "out_channels": 32, "height": 16, "width": 16},
}
UNSEEN = [
    {"batch_size": 3, "in_channels": 5, "out_channels": 21, "height": 13, "width": 18, "num_groups": 7},
    {"batch_size": 1, "in_channels": 7, "out_channels": 15, "height": 1, "width": 53, "num_groups": 3},
]
