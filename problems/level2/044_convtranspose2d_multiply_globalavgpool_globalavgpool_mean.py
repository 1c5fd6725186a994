"""Transposed 2D convolution, a constant factor, the mean over rows, then the mean over columns.

x: (batch_size, in_channels, height, width), y: (batch_size, out_channels, 1, 1), float32: kernel 3, stride 2,
padding 1 and output padding 1 double both sizes before the means.
Upstream takes both means over rows and columns, so that its second one meets axes of size 1. Its means of many
alike pixels also hardly depend on the input: here every channel of a sample has an offset, and the weights are wide.
Differs: normal inputs with offsets, wide weights; each mean takes one axis, as upstream's second mean does nothing.
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
multiplier = 0.5


class Model(nn.Module):
    """Transposed convolution, scaling and two means."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int,
        padding: int,
        output_padding: int,
        multiplier: float,
    ) -> None:
        super().__init__()
        self.conv_transpose = nn.ConvTranspose2d(
            in_channels, out_channels, kernel_size, stride=stride, padding=padding, output_padding=output_padding
        )
        self.multiplier = multiplier
        nn.init.normal_(self.conv_transpose.weight, std=2 / in_channels**0.5)
        nn.init.normal_(self.conv_transpose.bias, std=0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.conv_transpose(x) * self.multiplier
        x = torch.mean(x, dim=2, keepdim=True)
        return torch.mean(x, dim=3, keepdim=True)


def get_inputs() -> list:
    offset = torch.randn(batch_size, in_channels, 1, 1)
    return [offset + 4 * torch.randn(batch_size, in_channels, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, stride, padding, output_padding, multiplier]


TIERS = {
    "cpu": {"batch_size": 6, "in_channels": 32, "out_channels": 64, "height": 48, "width": 48},
    "ci": {"batch_size": 16, "in_channels": 16, "out_channels": 64, "height": 12, "width": 16},
}
UNSEEN = [
    {"batch_size": 37, "in_channels": 5, "out_channels": 13, "height": 11, "width": 17},
    {"batch_size": 1, "in_channels": 7, "out_channels": 131, "height": 1, "width": 67},
]
