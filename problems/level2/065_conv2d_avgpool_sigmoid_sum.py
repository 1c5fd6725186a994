"""Convolution, average pooling, sigmoid, sum over channels and pixels: one number per sample.

x: (batch_size, in_channels, height, width); kernel: kernel_size x kernel_size, stride 1, no padding, with a bias;
windows of pool_kernel_size x pool_kernel_size, not overlapping, the incomplete ones dropped; y: (batch_size,), float32.
Every channel of every sample has a level of its own, with normal noise around it: without
that, every sum would be about half the number of its terms.
Differs: inputs are normal about a normal level per sample and channel, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 128
in_channels = 8
out_channels = 64
height = 384
width = 384
kernel_size = 3
pool_kernel_size = 4


class Model(nn.Module):
    """Convolution, average pooling, sigmoid and a sum per sample."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, pool_kernel_size: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, kernel_size)
        self.avg_pool = nn.AvgPool2d(pool_kernel_size)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.avg_pool(self.conv(x))
        return torch.sigmoid(x).sum(dim=[1, 2, 3])


def get_inputs() -> list:
    level = 2.0 * torch.randn(batch_size, in_channels, 1, 1)
    return [level + 4.0 * torch.randn(batch_size, in_channels, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, pool_kernel_size]


TIERS = {
    "cpu": {"batch_size": 5, "height": 112, "width": 112},
    "ci": {"batch_size": 16, "in_channels": 4, "out_channels": 16, "height": 40, "width": 40},
}
UNSEEN = [
    {"batch_size": 5, "in_channels": 3, "out_channels": 11, "height": 23, "width": 37},
    {"batch_size": 1, "in_channels": 5, "out_channels": 7, "height": 61, "width": 7},
]
