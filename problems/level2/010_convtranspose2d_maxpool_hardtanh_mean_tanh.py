"""Transposed convolution, max pooling, hardtanh, mean over height and width, tanh.

x: (batch_size, in_channels, height, width), y: (batch_size, out_channels, 1, 1), float32; hardtanh clamps to
[hardtanh_min, hardtanh_max].
Differs: normal inputs with an offset per sample and channel and a scale per row: else the mean hides the input.
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
padding = 1
maxpool_kernel_size = 2
maxpool_stride = 2
hardtanh_min = -1
hardtanh_max = 1


class Model(nn.Module):
    """Transposed convolution, max pooling, hardtanh, spatial mean and tanh."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int,
        padding: int,
        maxpool_kernel_size: int,
        maxpool_stride: int,
        hardtanh_min: float,
        hardtanh_max: float,
    ) -> None:
        super().__init__()
        self.conv = nn.ConvTranspose2d(in_channels, out_channels, kernel_size, stride=stride, padding=padding)
        self.maxpool = nn.MaxPool2d(maxpool_kernel_size, stride=maxpool_stride)
        self.hardtanh = nn.Hardtanh(hardtanh_min, hardtanh_max)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.hardtanh(self.maxpool(self.conv(x)))
        return torch.tanh(x.mean(dim=(2, 3), keepdim=True))


def get_inputs() -> list:
    offset = torch.randn(batch_size, in_channels, 1, 1)
    scale = torch.randn(batch_size, 1, height, 1).exp()
    return [offset + scale * torch.randn(batch_size, in_channels, height, width)]


def get_init_inputs() -> list:
    return [
        in_channels,
        out_channels,
        kernel_size,
        stride,
        padding,
        maxpool_kernel_size,
        maxpool_stride,
        hardtanh_min,
        hardtanh_max,
    ]


TIERS = {
    "cpu": {"batch_size": 4, "height": 64, "width": 64},
    "ci": {"batch_size": 8, "in_channels": 16, "out_channels": 32, "height": 24, "width": 24},
}
UNSEEN = [
    {"batch_size": 5, "in_channels": 3, "out_channels": 13, "height": 17, "width": 29},
    {"batch_size": 1, "in_channels": 7, "out_channels": 37, "height": 2, "width": 67},
]
