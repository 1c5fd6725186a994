"""Convolution, batch normalisation with the statistics of the batch, scaling: y = batch_norm(conv(x)) * scaling_factor.

x: (batch_size, in_channels, height, width); kernel: kernel_size x kernel_size, stride 1, no padding, with a bias;
y: (batch_size, out_channels, height - kernel_size + 1, width - kernel_size + 1), all float32; eps is 1e-5.
The model stays in train mode, so that the norm cancels the convolution's bias.
Differs: inputs are normal, upstream's are uniform in [0, 1); the norm's weight and bias are random, not ones and zeros.
"""

import torch
import torch.nn as nn

batch_size = 128
in_channels = 8
out_channels = 64
height = 128
width = 128
kernel_size = 3
scaling_factor = 2.0


class Model(nn.Module):
    """Convolution, batch normalisation and a scaling."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, scaling_factor: float) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, kernel_size)
        self.bn = nn.BatchNorm2d(out_channels)
        self.scaling_factor = scaling_factor
        nn.init.uniform_(self.bn.weight, 0.5, 1.5)
        nn.init.normal_(self.bn.bias, std=0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.bn(self.conv(x)) * self.scaling_factor


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, scaling_factor]


TIERS = {
    "cpu": {"batch_size": 18, "height": 64, "width": 64},
    "ci": {"batch_size": 2, "in_channels": 4, "out_channels": 16, "height": 32, "width": 32},
}
UNSEEN = [
    {"batch_size": 3, "in_channels": 5, "out_channels": 7, "height": 13, "width": 43},
    {"batch_size": 1, "in_channels": 1, "out_channels": 11, "height": 47, "width": 3},
]
