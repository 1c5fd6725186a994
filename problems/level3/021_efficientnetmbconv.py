"""MBConv block of EfficientNet without squeeze-and-excitation: expand, filter each channel, project.

A 1 x 1 convolution, batch norm, ReLU6; a depthwise one of kernel_size x kernel_size, batch norm, ReLU6; a 1 x 1 one, batch
norm. The input is added where the shape stays. Convolutions have no bias; batch norms use the batch's statistics.
x: (batch_size, in_channels, height, width) float32; y: (batch_size, out_channels, out_height, out_width) with
out = (size - 1) // stride + 1.
Differs: inputs are normal, upstream's uniform; affine parameters are random, large enough for ReLU6 to bite.
"""

import torch
import torch.nn as nn

batch_size = 10
height = 224
width = 224
in_channels = 112
out_channels = 192
kernel_size = 5
stride = 2
expand_ratio = 6


def batch_norm(channels: int, scale: float) -> nn.BatchNorm2d:
    norm = nn.BatchNorm2d(channels)
    nn.init.uniform_(norm.weight, 0.5 * scale, 1.5 * scale)
    nn.init.normal_(norm.bias, std=0.5 * scale)
    return norm


class Model(nn.Module):
    """Expansion, depthwise convolution and projection."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, stride: int, expand_ratio: int) -> None:
        super().__init__()
        self.residual = stride == 1 and in_channels == out_channels
        hidden = in_channels * expand_ratio
        self.expand = nn.Sequential(
            nn.Conv2d(in_channels, hidden, 1, bias=False),
            batch_norm(hidden, scale=3),
            nn.ReLU6(inplace=True),
        )
        self.depthwise = nn.Sequential(
            nn.Conv2d(hidden, hidden, kernel_size, stride, kernel_size // 2, groups=hidden, bias=False),
            batch_norm(hidden, scale=3),
            nn.ReLU6(inplace=True),
        )
        self.project = nn.Sequential(
            nn.Conv2d(hidden, out_channels, 1, bias=False),
            batch_norm(out_channels, scale=1),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.project(self.depthwise(self.expand(x)))
        return x + y if self.residual else y


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, stride, expand_ratio]


TIERS = {
    "cpu": {"batch_size": 2, "height": 56, "width": 56},
    "ci": {"batch_size": 2, "height": 28, "width": 28, "in_channels": 12, "out_channels": 20},
}
UNSEEN = [
    {"batch_size": 3, "height": 17, "width": 29, "in_channels": 13, "out_channels": 13, "kernel_size": 3, "stride": 1},
    {"batch_size": 1, "height": 31, "width": 23, "in_channels": 7, "out_channels": 11, "expand_ratio": 3},
]
