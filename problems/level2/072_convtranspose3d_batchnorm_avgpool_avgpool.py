"""Transposed 3D convolution, batch normalisation with the statistics of the batch, average pooling by 2, twice.

x: (batch_size, in_channels, depth, height, width); the convolution leaves (size - 1) * stride - 2 * padding +
kernel_size on each axis, each pooling half of that, rounded down; y has out_channels channels, all float32.
The model stays in train mode, so that the norm cancels the convolution's bias; its eps is 1e-5. `bias_shape`
belongs to the constructor and is not used.
Differs: inputs are normal, upstream's are uniform in [0, 1); the norm's weight and bias are random, not ones and zeros.
"""

import torch
import torch.nn as nn

batch_size = 64
in_channels = 3
out_channels = 16
depth = 32
height = 32
width = 32
kernel_size = 3
stride = 2
padding = 1


class Model(nn.Module):
    """Transposed convolution, batch normalisation and two average poolings."""

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: int, stride: int, padding: int, bias_shape: tuple
    ) -> None:
        super().__init__()
        self.conv_transpose = nn.ConvTranspose3d(in_channels, out_channels, kernel_size, stride, padding)
        self.batch_norm = nn.BatchNorm3d(out_channels)
        self.avg_pool1 = nn.AvgPool3d(2)
        self.avg_pool2 = nn.AvgPool3d(2)
        nn.init.uniform_(self.batch_norm.weight, 0.5, 1.5)
        nn.init.normal_(self.batch_norm.bias, std=0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.batch_norm(self.conv_transpose(x))
        return self.avg_pool2(self.avg_pool1(x))


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, depth, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, stride, padding, (out_channels, 1, 1, 1)]


TIERS = {
    "cpu": {"batch_size": 2, "depth": 12, "height": 20, "width": 20},
    "ci": {"batch_size": 2, "out_channels": 8, "depth": 8, "height": 16, "width": 16},
}
UNSEEN = [
    {"batch_size": 3, "in_channels": 2, "out_channels": 5, "depth": 7, "height": 11, "width": 13},
    {"batch_size": 1, "out_channels": 7, "depth": 3, "height": 19, "width": 23},
]
