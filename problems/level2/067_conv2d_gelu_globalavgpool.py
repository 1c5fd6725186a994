"""Convolution, GELU in its exact (erf) form, mean over all pixels of a channel.

x: (batch_size, in_channels, height, width); kernel: kernel_size x kernel_size, stride 1, no padding, with a bias;
y: (batch_size, out_channels), all float32.
Every channel of every sample has a level of its own, with normal noise around it: without
that, the means would hardly depend on the input.
Differs: inputs are normal about a normal level per sample and channel, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 128
in_channels = 8
out_channels = 64
height = 256
width = 256
kernel_size = 3


class Model(nn.Module):
    """Convolution, GELU and global average pooling."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, kernel_size)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = nn.functional.gelu(self.conv(x))
        return x.mean(dim=[2, 3])


def get_inputs() -> list:
    level = 2.0 * torch.randn(batch_size, in_channels, 1, 1)
    return [level + 2.0 * torch.randn(batch_size, in_channels, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size]


TIERS = {
    "cpu": {"batch_size": 8, "height": 96, "width": 96},
    "ci": {"batch_size": 16, "in_channels": 4, "out_channels": 16, "height": 40, "width": 40},
}
UNSEEN = [
    {"batch_size": 5, "in_channels": 3, "out_channels": 11, "height": 23, "width": 37},
    {"batch_size": 1, "in_channels": 5, "out_channels": 67, "height": 61, "width": 3},
]
