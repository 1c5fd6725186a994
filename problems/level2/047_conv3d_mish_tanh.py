"""3D convolution, Mish, tanh: y = tanh(mish(conv(x))), mish(v) = v * tanh(log(1 + exp(v))).

x: (batch_size, in_channels, depth, height, width), y: (batch_size, out_channels, depth - 2, height - 2, width - 2),
float32: a 3 x 3 x 3 kernel without padding, stride 1.
Differs: inputs are normal and twice as wide as a unit normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 16
in_channels = 32
out_channels = 64
depth = 32
height = 64
width = 64
kernel_size = 3


class Model(nn.Module):
    """Convolution, Mish and tanh."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int) -> None:
        super().__init__()
        self.conv = nn.Conv3d(in_channels, out_channels, kernel_size)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = nn.functional.mish(self.conv(x))
        return torch.tanh(x)


def get_inputs() -> list:
    return [2 * torch.randn(batch_size, in_channels, depth, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size]


TIERS = {
    "cpu": {"batch_size": 3, "in_channels": 16, "out_channels": 32, "depth": 16, "height": 32, "width": 32},
    "ci": {"batch_size": 2, "in_channels": 8, "out_channels": 16, "depth": 8, "height": 12, "width": 18},
}
UNSEEN = [
    {"batch_size": 3, "in_channels": 5, "out_channels": 7, "depth": 5, "height": 13, "width": 11},
    {"batch_size": 1, "in_channels": 1, "out_channels": 13, "depth": 3, "height": 7, "width": 31},
]
