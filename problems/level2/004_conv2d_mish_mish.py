"""Convolution and Mish twice: y = mish(mish(conv2d(x))), mish(v) = v * tanh(softplus(v)).

x: (batch_size, in_channels, height, width), y: (batch_size, out_channels, height', width') with
height' = height - kernel_size + 1, float32.
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


class Model(nn.Module):
    """Convolution with two Mish activations."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, kernel_size)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = nn.functional.mish(self.conv(x))
        return nn.functional.mish(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size]


TIERS = {
    "cpu": {"batch_size": 2, "height": 64, "width": 64},
    "ci": {"batch_size": 2, "in_channels": 16, "out_channels": 32, "height": 32, "width": 32},
}
UNSEEN = [
    {"batch_size": 3, "in_channels": 5, "out_channels": 11, "height": 37, "width": 23},
    {"batch_size": 1, "in_channels": 1, "out_channels": 19, "height": 7, "width": 131, "kernel_size": 5},
]
