"""Transposed 3D convolution, max pooling with a window of 2, max pooling with a window of 3, sum over the channels.

Both windows are cubes with a stride of their own size; what does not fill a window at the upper end is dropped.
x: (batch_size, in_channels, depth, height, width); y: (batch_size, 1, depth'', height'', width''), float32, where
size' = (size - 1) * stride - 2 * padding + kernel_size and size'' = size' // 2 // 3.
Differs: inputs are normal with a scale of its own for every sample, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 16
in_channels = 32
out_channels = 64
depth = 32
height = 32
width = 32
kernel_size = 5
stride = 2
padding = 2


class Model(nn.Module):
    """Transposed convolution, two max pools, channel sum."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, stride: int, padding: int) -> None:
        super().__init__()
        self.conv_transpose = nn.ConvTranspose3d(in_channels, out_channels, kernel_size, stride=stride, padding=padding)
        self.max_pool1 = nn.MaxPool3d(2)
        self.max_pool2 = nn.MaxPool3d(3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.conv_transpose(x)
        x = self.max_pool2(self.max_pool1(x))
        return x.sum(dim=1, keepdim=True)


def get_inputs() -> list:
    scale = 0.5 + 1.5 * torch.rand(batch_size, 1, 1, 1, 1)
    return [scale * torch.randn(batch_size, in_channels, depth, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, stride, padding]


TIERS = {
    "cpu": {"batch_size": 2, "in_channels": 8, "out_channels": 16, "depth": 16, "height": 16, "width": 16},
    "ci": {"batch_size": 2, "in_channels": 4, "out_channels": 6, "depth": 12, "height": 18, "width": 18},
}
UNSEEN = [
    {"batch_size": 1, "in_channels": 3, "out_channels": 5, "depth": 7, "height": 19, "width": 11},
    {"in_channels": 5, "out_channels": 7, "depth": 13, "height": 11, "width": 9, "kernel_size": 3, "padding": 1},
]
