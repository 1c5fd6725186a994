"""Transposed 3D convolution, softmax over the channels, sigmoid.

x: (batch_size, in_channels, depth, height, width), y: (batch_size, out_channels, 2 * depth, 2 * height, 2 * width),
float32: kernel 3, stride 2, padding 1 and output padding 1 double each size.
The logits have a standard deviation of about 4: with alike logits every output is near sigmoid(1 / out_channels).
Differs: normal inputs and wide weights, as upstream's outputs hardly vary.
"""

import torch
import torch.nn as nn

batch_size = 16
in_channels = 32
out_channels = 64
depth = 16
height = 32
width = 32
kernel_size = 3
stride = 2
padding = 1
output_padding = 1


class Model(nn.Module):
    """Transposed convolution, softmax over channels and sigmoid."""

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: int, stride: int, padding: int, output_padding: int
    ) -> None:
        super().__init__()
        self.conv_transpose = nn.ConvTranspose3d(
            in_channels, out_channels, kernel_size, stride=stride, padding=padding, output_padding=output_padding
        )
        nn.init.normal_(self.conv_transpose.weight, std=2 / in_channels**0.5)
        nn.init.normal_(self.conv_transpose.bias, std=0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.softmax(self.conv_transpose(x), dim=1)
        return torch.sigmoid(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, depth, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, stride, padding, output_padding]


TIERS = {
    "cpu": {"batch_size": 6, "in_channels": 16, "out_channels": 32, "depth": 8, "height": 16, "width": 16},
    "ci": {"batch_size": 2, "in_channels": 8, "out_channels": 16, "depth": 4, "height": 6, "width": 8},
}
UNSEEN = [
    {"batch_size": 3, "in_channels": 5, "out_channels": 7, "depth": 3, "height": 7, "width": 5},
    {"batch_size": 1, "in_channels": 1, "out_channels": 37, "depth": 1, "height": 5, "width": 17},
]
