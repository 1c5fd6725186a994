"""Transposed 3D convolution, max pooling, softmax over the channels, a number per channel subtracted, Swish, maximum.

p = softmax over dim 1 of max_pool3d(conv_transpose3d(x)); z = p - subtract; y = max over dim 1 of z * sigmoid(z).
x: (batch_size, in_channels, depth, height, width), subtract: (out_channels,); y: (batch_size, depth'', height'',
width''), float32, where size' = (size - 1) * stride - 2 * padding + kernel_size + output_padding and
size'' = (size' + 2 * pool_padding - pool_kernel_size) // pool_stride + 1.
Differs: normal inputs; weights of std 0.8, small subtract: upstream's probabilities are all alike and y is constant.
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
output_padding = 1
pool_kernel_size = 2
pool_stride = 2
pool_padding = 0


class Model(nn.Module):
    """Transposed convolution, max pool, softmax, subtraction, Swish, channel maximum."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int,
        padding: int,
        output_padding: int,
        pool_kernel_size: int,
        pool_stride: int,
        pool_padding: int,
    ) -> None:
        super().__init__()
        self.conv_transpose = nn.ConvTranspose3d(
            in_channels, out_channels, kernel_size, stride=stride, padding=padding, output_padding=output_padding
        )
        nn.init.normal_(self.conv_transpose.weight, std=0.8)
        nn.init.normal_(self.conv_transpose.bias, std=0.5)
        self.max_pool = nn.MaxPool3d(pool_kernel_size, stride=pool_stride, padding=pool_padding)
        self.subtract = nn.Parameter(0.2 * torch.randn(out_channels))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.max_pool(self.conv_transpose(x))
        x = torch.softmax(x, dim=1)
        x = x - self.subtract.view(1, -1, 1, 1, 1)
        x = x * torch.sigmoid(x)
        return x.amax(dim=1)


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, depth, height, width)]


def get_init_inputs() -> list:
    return [
        in_channels,
        out_channels,
        kernel_size,
        stride,
        padding,
        output_padding,
        pool_kernel_size,
        pool_stride,
        pool_padding,
    ]


TIERS = {"cpu": {"batch_size": 2, "depth": 8}, "ci": {"batch_size": 2, "depth": 8, "height": 16, "width": 16}}
UNSEEN = [
    {"batch_size": 1, "in_channels": 5, "out_channels": 7, "depth": 5, "height": 9, "width": 17},
    {"batch_size": 3, "out_channels": 13, "depth": 3, "height": 11, "width": 7, "output_padding": 0, "pool_padding": 1},
]
