"""Transposed 3D convolution, batch norm on batch statistics, minus the mean of each sample's channel: z - mean(z).

x: (batch_size, in_channels, depth, height, width), y: (batch_size, out_channels, depth', height', width') with
depth' = (depth - 1) * stride - 2 * padding + kernel_size, float32. The mean runs over depth, height and width, so it
takes the norm's bias out again, as the norm does with the convolution's.
Differs: normal inputs with an offset per sample and channel, for means that differ; random affine parameters.
"""

import torch
import torch.nn as nn

batch_size = 16
in_channels = 16
out_channels = 32
depth = 16
height = 32
width = 32
kernel_size = 3
stride = 2
padding = 1


class Model(nn.Module):
    """Transposed convolution, batch norm and centring."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, stride: int, padding: int) -> None:
        super().__init__()
        self.conv = nn.ConvTranspose3d(in_channels, out_channels, kernel_size, stride=stride, padding=padding)
        self.batch_norm = nn.BatchNorm3d(out_channels)
        nn.init.uniform_(self.batch_norm.weight, 0.5, 1.5)
        nn.init.normal_(self.batch_norm.bias, std=0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.batch_norm(self.conv(x))
        return x - x.mean(dim=(2, 3, 4), keepdim=True)


def get_inputs() -> list:
    offset = torch.randn(batch_size, in_channels, 1, 1, 1)
    return [offset + torch.randn(batch_size, in_channels, depth, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, stride, padding]


TIERS = {
    "cpu": {"batch_size": 2, "depth": 12, "height": 16, "width": 16},
    "ci": {"batch_size": 3, "in_channels": 8, "out_channels": 16, "depth": 6, "height": 10, "width": 10},
}
UNSEEN = [
    {"batch_size": 3, "in_channels": 5, "out_channels": 7, "depth": 3, "height": 7, "width": 11},
    {"batch_size": 2, "in_channels": 3, "out_channels": 13, "depth": 1, "height": 5, "width": 37},
]
