"""Convolution, minimum over the channels, tanh twice: y = tanh(tanh(min_c conv2d(x)[:, c])).

x: (batch_size, in_channels, height, width), y: (batch_size, 1, height', width') with
height' = height - kernel_size + 1, float32.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 128
in_channels = 16
out_channels = 64
height = 256
width = 256
kernel_size = 3


class Model(nn.Module):
    """Convolution, channel minimum and two tanh."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, kernel_size)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.min(self.conv(x), dim=1, keepdim=True).values
        return torch.tanh(torch.tanh(x))


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size]


TIERS = {
    "cpu": {"batch_size": 4, "height": 112, "width": 112},
    "ci": {"batch_size": 4, "in_channels": 8, "out_channels": 32, "height": 48, "width": 48},
}
UNSEEN = [
    {"batch_size": 3, "in_channels": 5, "out_channels": 11, "height": 37, "width": 23},
    {"batch_size": 1, "in_channels": 1, "out_channels": 19, "height": 7, "width": 131, "kernel_size": 5},
]
