"""Convolution, Mish activation h * tanh(softplus(h)), batch normalisation with the statistics of the batch.

x: (batch_size, in_channels, height, width); kernel: kernel_size x kernel_size, stride 1, no padding, with a bias;
y: (batch_size, out_channels, height - kernel_size + 1, width - kernel_size + 1), all float32.
The model stays in train mode: mean and biased variance are those of each channel of this batch, eps is 1e-5.
Differs: inputs are normal, upstream's are uniform in [0, 1); the norm's weight and bias are random, not ones and zeros.
"""

import torch
import torch.nn as nn

batch_size = 64
in_channels = 64
out_channels = 128
height = 128
width = 128
kernel_size = 3


class Model(nn.Module):
    """Convolution, Mish and batch normalisation."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, kernel_size)
        self.bn = nn.BatchNorm2d(out_channels)
        nn.init.uniform_(self.bn.weight, 0.5, 1.5)
        nn.init.normal_(self.bn.bias, std=0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.conv(x)
        x = x * torch.tanh(nn.functional.softplus(x))
        return self.bn(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size]


TIERS = {
    "cpu": {"batch_size": 2, "height": 64, "width": 64},
    "ci": {"batch_size": 2, "in_channels": 8, "out_channels": 16, "height": 32, "width": 32},
}
UNSEEN = [
    {"batch_size": 3, "in_channels": 5, "out_channels": 11, "height": 17, "width": 29},
    {"batch_size": 1, "in_channels": 3, "out_channels": 7, "height": 41, "width": 3},
]
