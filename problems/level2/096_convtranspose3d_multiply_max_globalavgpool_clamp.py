"""Transposed 3D convolution, multiplication by a number, max pooling, mean over all voxels, clamp to [0, 1].

y = clamp(mean over (depth, height, width) of max_pool3d(conv_transpose3d(x) * scale), 0, 1). The pool's window is a
cube of maxpool_kernel_size with a stride of the same size; what does not fill a window at the upper end is dropped.
x: (batch_size, in_channels, depth, height, width), y: (batch_size, out_channels, 1, 1, 1), float32.
Differs: input planes have their own means, weights and bias are larger, or y is alike for all x and never clamped.
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
scale = 0.5
maxpool_kernel_size = 2


class Model(nn.Module):
    """Transposed convolution, scale, max pool, global average pool, clamp."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int,
        padding: int,
        scale: float,
        maxpool_kernel_size: int,
    ) -> None:
        super().__init__()
        self.conv_transpose = nn.ConvTranspose3d(in_channels, out_channels, kernel_size, stride=stride, padding=padding)
        nn.init.normal_(self.conv_transpose.weight, std=0.3)
        nn.init.normal_(self.conv_transpose.bias, mean=-1.5, std=0.3)
        self.scale = scale
        self.maxpool = nn.MaxPool3d(maxpool_kernel_size)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.conv_transpose(x) * self.scale
        x = self.maxpool(x)
        x = x.mean(dim=(2, 3, 4), keepdim=True)
        return torch.clamp(x, 0.0, 1.0)


def get_inputs() -> list:
    level = 2 * torch.randn(batch_size, in_channels, 1, 1, 1)
    return [level + torch.randn(batch_size, in_channels, depth, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, stride, padding, scale, maxpool_kernel_size]


TIERS = {
    "cpu": {"batch_size": 4, "height": 24, "width": 24},
    "ci": {"batch_size": 8, "out_channels": 32, "depth": 4, "height": 8, "width": 6},
}
UNSEEN = [
    {"batch_size": 5, "in_channels": 7, "out_channels": 13, "depth": 5, "height": 9, "width": 6},
    {"batch_size": 1, "in_channels": 2, "out_channels": 37, "depth": 3, "height": 7, "width": 17, "kernel_size": 4},
]
