"""Transposed 2D convolution, a number added, minimum with 0, GELU in its exact (erf) form, multiplication by a number.

y = gelu(min(conv_transpose2d(x) + add_value, 0)) * multiply_value.
x: (batch_size, in_channels, height, width), y: (batch_size, out_channels, height', width') with
size' = (size - 1) * stride + kernel_size, float32.
Differs: normal inputs; raised weights, bias about -0.5: upstream leaves nearly nothing negative, so y is 0.
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
add_value = 0.5
multiply_value = 2.0


class Model(nn.Module):
    """Transposed convolution, addition, minimum with 0, GELU, multiplication."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int,
        add_value: float,
        multiply_value: float,
    ) -> None:
        super().__init__()
        self.conv_transpose = nn.ConvTranspose2d(in_channels, out_channels, kernel_size, stride=stride)
        nn.init.normal_(self.conv_transpose.weight, std=0.25 * in_channels**-0.5)
        nn.init.normal_(self.conv_transpose.bias, mean=-0.5, std=0.2)
        self.add_value = add_value
        self.multiply_value = multiply_value

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.conv_transpose(x) + self.add_value
        x = torch.minimum(x, x.new_zeros(()))
        return nn.functional.gelu(x) * self.multiply_value


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, stride, add_value, multiply_value]


TIERS = {
    "cpu": {"batch_size": 4, "height": 32, "width": 32},
    "ci": {"batch_size": 2, "in_channels": 16, "out_channels": 32, "height": 16, "width": 16},
}
UNSEEN = [
    {"batch_size": 1, "in_channels": 5, "out_channels": 19, "height": 13, "width": 29},
    {"batch_size": 3, "in_channels": 7, "out_channels": 37, "height": 11, "width": 17, "kernel_size": 3},
]
