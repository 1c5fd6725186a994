"""Transposed 2D convolution, mean over rows, bias, logsumexp over channels, sum over columns, a factor of 10.

x: (batch_size, in_channels, height, width), y: (batch_size, 1), bias: (out_channels, 1, 1), float32. The convolution
(kernel 3, stride 1, no padding) gives height + 2 rows and width + 2 columns.
Upstream takes the mean over rows and columns, which leaves its later sum over both axes a single value to add.
The inputs grow with the square root of the height, as the mean shrinks by it; every sample has a scale of its own.
Differs: wide normal inputs, one scale per sample; mean over rows only, so that the sum has columns to add.
"""

import torch
import torch.nn as nn

batch_size = 16
in_channels = 64
out_channels = 128
height = 512
width = 512
kernel_size = 3
bias_shape = (out_channels, 1, 1)


class Model(nn.Module):
    """Transposed convolution, mean, bias, logsumexp, sum and scaling."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, bias_shape: tuple) -> None:
        super().__init__()
        self.conv_transpose = nn.ConvTranspose2d(in_channels, out_channels, kernel_size)
        self.bias = nn.Parameter(torch.empty(bias_shape))
        nn.init.normal_(self.conv_transpose.weight, std=in_channels**-0.5)
        nn.init.normal_(self.conv_transpose.bias, std=0.5)
        nn.init.normal_(self.bias, std=0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.conv_transpose(x)
        x = torch.mean(x, dim=2, keepdim=True) + self.bias
        x = torch.logsumexp(x, dim=1, keepdim=True)
        x = torch.sum(x, dim=(2, 3))
        return x * 10.0


def get_inputs() -> list:
    scale = height**0.5 * torch.empty(batch_size, 1, 1, 1).uniform_(0.2, 3)
    return [scale * torch.randn(batch_size, in_channels, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, bias_shape]


TIERS = {
    "cpu": {"batch_size": 3, "in_channels": 32, "out_channels": 64, "height": 96, "width": 96},
    "ci": {"batch_size": 16, "in_channels": 16, "out_channels": 32, "height": 24, "width": 32},
}
UNSEEN = [
    {"batch_size": 37, "in_channels": 5, "out_channels": 13, "height": 31, "width": 17},
    {"batch_size": 1, "in_channels": 7, "out_channels": 29, "height": 1, "width": 67},
]
