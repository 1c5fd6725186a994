"""Transposed 3D convolution, a scalar factor, average pooling, a bias per channel, another scalar factor.

y = (avg_pool(conv(x) * scale1) + bias) * scale2, where scale1 and scale2 are scalar parameters and bias has the
shape bias_shape. x: (batch_size, in_channels, depth, height, width), y: (batch_size, out_channels, depth - 1,
height - 1, width - 1), float32: kernel 3, stride 2 and padding 1 give 2 * size - 1, pooled by windows of 2 x 2 x 2.
Differs: normal inputs, wide weights (else the biases dominate); scale2 1.5, as upstream's 1.0 does nothing.
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
scale1 = 0.5
scale2 = 1.5
bias_shape = (out_channels, 1, 1, 1)


class Model(nn.Module):
    """Transposed convolution, average pooling, bias and two learned scalar factors."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int,
        padding: int,
        scale1: float,
        scale2: float,
        bias_shape: tuple,
    ) -> None:
        super().__init__()
        self.conv_transpose = nn.ConvTranspose3d(in_channels, out_channels, kernel_size, stride=stride, padding=padding)
        self.scale1 = nn.Parameter(torch.tensor(scale1))
        self.avg_pool = nn.AvgPool3d(kernel_size=2)
        self.bias = nn.Parameter(torch.empty(bias_shape))
        self.scale2 = nn.Parameter(torch.tensor(scale2))
        nn.init.normal_(self.conv_transpose.weight)
        nn.init.normal_(self.conv_transpose.bias, std=0.5)
        nn.init.normal_(self.bias, std=0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.avg_pool(self.conv_transpose(x) * self.scale1)
        return (x + self.bias) * self.scale2


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, depth, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, stride, padding, scale1, scale2, bias_shape]


TIERS = {
    "cpu": {"batch_size": 2},
    "ci": {"batch_size": 2, "depth": 6, "height": 10, "width": 12},
}
UNSEEN = [
    {"batch_size": 5, "in_channels": 2, "out_channels": 7, "depth": 4, "height": 6, "width": 13},
    {"batch_size": 1, "in_channels": 1, "out_channels": 19, "depth": 2, "height": 7, "width": 31},
]
