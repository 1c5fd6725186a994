"""Transposed 3D convolution, scaling, batch normalisation, mean over all voxels of each sample and channel.

c = scale_factor * conv_transpose3d(x); y = mean over (depth, height, width) of
(c - mean(c)) / sqrt(var(c) + eps) * weight + bias, where mean and var are each channel's over batch and voxels (var
divides by their number) and eps is 0.1.
x: (batch_size, in_channels, depth, height, width), y: (batch_size, out_channels, 1, 1, 1), float32.
Differs: every input plane gets its own mean, or y is the bias alone; random affine; eps 0.1, so that the scale counts.
"""

import torch
import torch.nn as nn

batch_size = 16
in_channels = 64
out_channels = 128
depth = 16
height = 32
width = 32
kernel_size = 5
scale_factor = 2.0


class Model(nn.Module):
    """Transposed convolution, scale, batch norm with the batch's statistics, global average pool."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, scale_factor: float) -> None:
        super().__init__()
        self.conv_transpose = nn.ConvTranspose3d(in_channels, out_channels, kernel_size)
        self.scale_factor = scale_factor
        self.batch_norm = nn.BatchNorm3d(out_channels, eps=0.1)
        nn.init.uniform_(self.batch_norm.weight, 0.5, 1.5)
        nn.init.normal_(self.batch_norm.bias, std=0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.conv_transpose(x) * self.scale_factor
        x = self.batch_norm(x)
        return x.mean(dim=(2, 3, 4), keepdim=True)


def get_inputs() -> list:
    level = torch.randn(batch_size, in_channels, 1, 1, 1)
    return [level + torch.randn(batch_size, in_channels, depth, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, scale_factor]


TIERS = {
    "cpu": {"batch_size": 4, "in_channels": 8, "out_channels": 32, "depth": 8, "height": 16, "width": 16},
    "ci": {"batch_size": 8, "in_channels": 8, "out_channels": 32, "depth": 4, "height": 8, "width": 8},
}
UNSEEN = [
    {"batch_size": 3, "in_channels": 7, "out_channels": 13, "depth": 5, "height": 7, "width": 6, "kernel_size": 3},
    {"batch_size": 2, "in_channels": 3, "out_channels": 37, "depth": 3, "height": 9, "width": 5},
]
