"""Transposed 3D convolution, a second input and a bias added, then v * hardswish(v) of the sum v.

x: (batch_size, in_channels, depth, height, width), add_input and y: (batch_size, out_channels, stride * depth,
stride * height, stride * width), weight: (in_channels, out_channels, 3, 3, 3), bias: bias_shape, all float32.
hardswish(v) = v * clamp(v + 3, 0, 6) / 6. The bias holds one value per channel: its first axis is the channel axis.
Differs: normal inputs, x four times as wide; the bias is added, upstream has it but leaves it unused.
"""

import torch
import torch.nn as nn

batch_size = 128
in_channels = 32
out_channels = 64
depth = 16
height = 16
width = 16
kernel_size = 3
stride = 2
padding = 1
output_padding = 1
bias_shape = (out_channels, 1, 1, 1, 1)


class Model(nn.Module):
    """Transposed convolution, addition and a doubled HardSwish."""

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
        self.conv_transpose = nn.ConvTranspose3d(
            in_channels, out_channels, kernel_size, stride=stride, padding=padding, output_padding=output_padding
        )
        self.bias = nn.Parameter(torch.empty(bias_shape))
        nn.init.normal_(self.bias, std=0.5)

    def forward(self, x: torch.Tensor, add_input: torch.Tensor) -> torch.Tensor:
        x = self.conv_transpose(x) + add_input + self.bias.squeeze(-1)
        return x * nn.functional.hardswish(x)


def get_inputs() -> list:
    x = 4 * torch.randn(batch_size, in_channels, depth, height, width)
    add_input = torch.randn(batch_size, out_channels, stride * depth, stride * height, stride * width)
    return [x, add_input]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, stride, padding, output_padding, bias_shape]


TIERS = {
    "cpu": {"batch_size": 3, "in_channels": 16, "out_channels": 32, "depth": 12, "height": 16, "width": 16},
    "ci": {"batch_size": 2, "in_channels": 8, "out_channels": 16, "depth": 6, "height": 6, "width": 8},
}
UNSEEN = [
    {"batch_size": 3, "in_channels": 5, "out_channels": 7, "depth": 3, "height": 7, "width": 11},
    {"batch_size": 1, "in_channels": 1, "out_channels": 13, "depth": 1, "height": 5, "width": 17},
]
