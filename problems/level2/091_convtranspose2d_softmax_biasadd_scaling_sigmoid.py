"""Transposed 2D convolution, softmax over the channels, bias per channel, scaling, sigmoid.

y = sigmoid((p + bias) * scaling_factor), p the softmax of conv_transpose2d(x) over dim 1.
x: (batch_size, in_channels, height, width), bias: (out_channels, 1, 1), y: (batch_size, out_channels, height', width')
with size' = (size - 1) * stride - 2 * padding + kernel_size + output_padding, float32.
Differs: normal inputs; raised weights, small bias: upstream's probabilities are all alike, whatever x is.
"""

import torch
import torch.nn as nn

batch_size = 128
in_channels = 64
out_channels = 128
height = 64
width = 64
kernel_size = 4
stride = 2
padding = 1
output_padding = 1
scaling_factor = 2.0


class Model(nn.Module):
    """Transposed convolution, softmax, bias, scale, sigmoid."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int,
        padding: int,
        output_padding: int,
        bias_shape: tuple,
        scaling_factor: float,
    ) -> None:
        super().__init__()
        self.conv_transpose = nn.ConvTranspose2d(
            in_channels, out_channels, kernel_size, stride=stride, padding=padding, output_padding=output_padding
        )
        nn.init.normal_(self.conv_transpose.weight, std=2 * in_channels**-0.5)
        nn.init.normal_(self.conv_transpose.bias, std=0.5)
        self.bias = nn.Parameter(0.1 * torch.randn(bias_shape))
        self.scaling_factor = scaling_factor

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.softmax(self.conv_transpose(x), dim=1)
        x = (x + self.bias) * self.scaling_factor
        return torch.sigmoid(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, height, width)]


def get_init_inputs() -> list:
    return [
        in_channels,
        out_channels,
        kernel_size,
        stride,
        padding,
        output_padding,
        (out_channels, 1, 1),
        scaling_factor,
    ]


TIERS = {
    "cpu": {"batch_size": 4, "height": 32, "width": 32},
    "ci": {"batch_size": 2, "in_channels": 16, "out_channels": 32, "height": 16, "width": 16},
}
UNSEEN = [
    {"batch_size": 1, "in_channels": 5, "out_channels": 19, "height": 13, "width": 29},
    {"batch_size": 3, "in_channels": 7, "out_channels": 37, "height": 17, "width": 11, "output_padding": 0},
]
