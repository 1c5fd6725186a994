"""Transposed 2D convolution, minimum over channels, sum over rows, GELU (exact form), a bias added.

x: (batch_size, in_channels, height, width), y: (batch_size, 1, 1, 2 * width), bias: bias_shape, float32: kernel 3,
stride 2, padding 1 and output padding 1 double both sizes. Both reductions keep their axis with size 1.
A minimum of many channels is negative, its sum far below zero and GELU of that is 0, unless the channels agree: so
the weights lean to the positive side, and every column of x has an offset that decides the sign of its sum.
Differs: normal inputs with column offsets, one-sided weights; upstream's GELU gives 0, its output is the bias.
"""

import torch
import torch.nn as nn

batch_size = 16
in_channels = 64
out_channels = 128
height = 128
width = 128
kernel_size = 3
stride = 2
padding = 1
output_padding = 1
bias_shape = (1, 1, 1)


class Model(nn.Module):
    """Transposed convolution, minimum, sum, GELU and bias."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int,
        padding: int,
        output_padding: int,
        bias_shape: tuple,
    ) -> None:
        super().__init__()
        self.conv_transpose = nn.ConvTranspose2d(
            in_channels, out_channels, kernel_size, stride=stride, padding=padding, output_padding=output_padding
        )
        self.bias = nn.Parameter(torch.empty(bias_shape))
        terms = in_channels * (kernel_size / stride) ** 2
        nn.init.uniform_(self.conv_transpose.weight, -1 / terms, 3 / terms)
        nn.init.normal_(self.conv_transpose.bias, std=5e-4)
        nn.init.normal_(self.bias, std=0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.amin(self.conv_transpose(x), dim=1, keepdim=True)
        x = torch.sum(x, dim=2, keepdim=True)
        return nn.functional.gelu(x) + self.bias


def get_inputs() -> list:
    x = torch.randn(batch_size, in_channels, height, width)
    return [(x + torch.randn(batch_size, 1, 1, width)) / height]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, stride, padding, output_padding, bias_shape]


TIERS = {
    "cpu": {"batch_size": 6, "in_channels": 32, "out_channels": 64, "height": 48, "width": 48},
    "ci": {"batch_size": 8, "in_channels": 12, "out_channels": 16, "height": 12, "width": 48},
}
UNSEEN = [
    {"batch_size": 3, "in_channels": 7, "out_channels": 13, "height": 17, "width": 61},
    {"batch_size": 1, "in_channels": 5, "out_channels": 37, "height": 1, "width": 131},
]
