"""2D convolution, multiplied by a constant, then the minimum over the channels of every pixel.

x: (batch_size, in_channels, height, width), y: (batch_size, 1, height - 2, width - 2), float32: a 3 x 3 kernel
without padding, stride 1. The channel axis stays, with size 1.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 64
in_channels = 64
out_channels = 128
height = 256
width = 256
kernel_size = 3
scale_factor = 2.0


class Model(nn.Module):
    """Convolution, scaling and minimum over channels."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, scale_factor: float) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, kernel_size)
        self.scale_factor = scale_factor

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.conv(x) * self.scale_factor
        return torch.amin(x, dim=1, keepdim=True)


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, scale_factor]


TIERS = {
    "cpu": {"batch_size": 6, "in_channels": 32, "out_channels": 64, "height": 96, "width": 96},
    "ci": {"batch_size": 4, "in_channels": 8, "out_channels": 16, "height": 34, "width": 40},
}
UNSEEN = [
    {"batch_size": 3, "in_channels": 7, "out_channels": 13, "height": 37, "width": 29},
    {"batch_size": 1, "in_channels": 1, "out_channels": 41, "height": 3, "width": 67},
]
