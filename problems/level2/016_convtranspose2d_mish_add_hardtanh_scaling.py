"""Transposed convolution, Mish, plus a constant, hardtanh, times a constant: y = s * clamp(mish(conv(x)) + a, 0.25, 1).

x: (batch_size, in_channels, height, width), y: (batch_size, out_channels, height', width') with
height' = (height - 1) * stride - 2 * padding + kernel_size + output_padding, float32.
Differs: normal inputs of std 3, hardtanh to (0.25, 1): upstream's bound of -1 is out of reach, Mish is above -0.31.
"""

import torch
import torch.nn as nn

batch_size = 128
in_channels = 64
out_channels = 64
height = 128
width = 128
kernel_size = 3
stride = 2
padding = 1
output_padding = 1
add_value = 0.5
scale = 2


class Model(nn.Module):
    """Transposed convolution, Mish, addition, hardtanh and scaling."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int,
        padding: int,
        output_padding: int,
        add_value: float,
        scale: float,
    ) -> None:
        super().__init__()
        self.conv = nn.ConvTranspose2d(
            in_channels, out_channels, kernel_size, stride=stride, padding=padding, output_padding=output_padding
        )
        self.add_value = add_value
        self.scale = scale

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = nn.functional.mish(self.conv(x)) + self.add_value
        return nn.functional.hardtanh(x, min_val=0.25, max_val=1.0) * self.scale


def get_inputs() -> list:
    return [3 * torch.randn(batch_size, in_channels, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, stride, padding, output_padding, add_value, scale]


TIERS = {
    "cpu": {"batch_size": 6, "height": 32, "width": 32},
    "ci": {"batch_size": 2, "in_channels": 16, "out_channels": 24, "height": 16, "width": 16},
}
UNSEEN = [
    {"batch_size": 3, "in_channels": 5, "out_channels": 11, "height": 13, "width": 19},
    {"batch_size": 1, "in_channels": 7, "out_channels": 17, "height": 1, "width": 53, "scale": 3},
]
