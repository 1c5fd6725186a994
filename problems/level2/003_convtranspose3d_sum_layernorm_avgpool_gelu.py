"""Transposed 3D convolution, plus a learned scalar, layer norm over the last dimension, average pooling, exact GELU.

x: (batch_size, in_channels, depth, height, width); the convolution doubles depth, height and width, the pooling halves
them: y is (batch_size, out_channels, depth, height, width), all float32. The norm runs along the doubled width (which
at the gpu sizes equals out_channels), so its mean takes the convolution's bias and the scalar out again.
Differs: inputs are normal and the norm's weight and bias random, upstream's are uniform in [0, 1), ones and zeros.
"""

import torch
import torch.nn as nn

batch_size = 32
in_channels = 32
out_channels = 64
depth = 16
height = 32
width = 32
kernel_size = (3, 3, 3)
stride = (2, 2, 2)
padding = (1, 1, 1)
output_padding = (1, 1, 1)
sum_weight = 1.0
norm_shape = ((width - 1) * stride[2] - 2 * padding[2] + kernel_size[2] + output_padding[2],)
pool_kernel_size = (2, 2, 2)


class Model(nn.Module):
    """Transposed convolution, sum, layer norm, average pooling and GELU."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: tuple,
        stride: tuple,
        padding: tuple,
        output_padding: tuple,
        sum_weight: float,
        norm_shape: tuple,
        pool_kernel_size: tuple,
    ) -> None:
        super().__init__()
        self.conv = nn.ConvTranspose3d(
            in_channels, out_channels, kernel_size, stride=stride, padding=padding, output_padding=output_padding
        )
        self.sum_weight = nn.Parameter(torch.tensor(sum_weight))
        self.norm = nn.LayerNorm(norm_shape)
        nn.init.uniform_(self.norm.weight, 0.5, 1.5)
        nn.init.normal_(self.norm.bias, std=0.5)
        self.pool = nn.AvgPool3d(pool_kernel_size)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.conv(x) + self.sum_weight
        x = self.pool(self.norm(x))
        return nn.functional.gelu(x)


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
        sum_weight,
        norm_shape,
        pool_kernel_size,
    ]


TIERS = {
    "cpu": {"batch_size": 2, "depth": 4, "height": 16},
    "ci": {"batch_size": 2, "in_channels": 8, "out_channels": 16, "depth": 4, "height": 8, "width": 16},
}
UNSEEN = [
    {"batch_size": 3, "in_channels": 5, "out_channels": 7, "depth": 3, "height": 5, "width": 23},
    {"batch_size": 1, "in_channels": 3, "out_channels": 13, "depth": 1, "height": 11, "width": 37},
]
