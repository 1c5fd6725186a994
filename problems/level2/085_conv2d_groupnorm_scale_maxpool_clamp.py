"""2D convolution, group normalisation, scaling per channel, max pooling, clamp.

y = clamp(max_pool(group_norm(conv2d(x)) * scale), clamp_min, clamp_max); group_norm divides by sqrt(var + 1e-5) of each
sample and group (var divides by the number of values), then applies weight and bias per channel. The pool's window is a
square of maxpool_kernel_size with a stride of the same size; an incomplete window is dropped.
x: (batch_size, in_channels, height, width), scale: (out_channels, 1, 1), y: (batch_size, out_channels, height', width')
with size' = (size - kernel_size + 1) // maxpool_kernel_size, float32.
Differs: normal inputs; random affine, large bias, scale in (0.2, 0.8): upstream's ones leave y at 1 nearly everywhere.
"""

import torch
import torch.nn as nn

batch_size = 128
in_channels = 8
out_channels = 64
height = 128
width = 128
kernel_size = 3
num_groups = 16
maxpool_kernel_size = 4
clamp_min = 0.0
clamp_max = 1.0


class Model(nn.Module):
    """Convolution, group norm, scale, max pool, clamp."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        num_groups: int,
        scale_shape: tuple,
        maxpool_kernel_size: int,
        clamp_min: float,
        clamp_max: float,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, kernel_size)
        self.group_norm = nn.GroupNorm(num_groups, out_channels)
        nn.init.uniform_(self.group_norm.weight, 0.5, 1.5)
        nn.init.normal_(self.group_norm.bias, std=1.5)
        self.scale = nn.Parameter(0.2 + 0.6 * torch.rand(scale_shape))
        self.maxpool = nn.MaxPool2d(maxpool_kernel_size)
        self.clamp_min = clamp_min
        self.clamp_max = clamp_max

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.group_norm(self.conv(x))
        x = self.maxpool(x * self.scale)
        return torch.clamp(x, self.clamp_min, self.clamp_max)


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, height, width)]


def get_init_inputs() -> list:
    return [
        in_channels,
        out_channels,
        kernel_size,
        num_groups,
        (out_channels, 1, 1),
        maxpool_kernel_size,
        clamp_min,
        clamp_max,
    ]


TIERS = {
    "cpu": {"batch_size": 16, "height": 64, "width": 64},
    "ci": {"batch_size": 2, "out_channels": 32, "height": 34, "width": 34, "num_groups": 8},
}
UNSEEN = [
    {"batch_size": 1, "in_channels": 3, "out_channels": 21, "height": 37, "width": 23, "num_groups": 7},
    {"batch_size": 3, "in_channels": 5, "out_channels": 20, "height": 13, "width": 41, "num_groups": 5},
]
