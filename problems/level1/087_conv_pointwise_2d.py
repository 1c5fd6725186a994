"""1 x 1 convolution, without a bias: y[b, o, i, j] = sum over c of weight[o, c, 0, 0] * x[b, c, i, j].

x: (batch_size, in_channels, height, width), weight: (out_channels, in_channels, 1, 1),
y: (batch_size, out_channels, height, width), all float32.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 16
in_channels = 64
out_channels = 128
height = 1024
width = 1024


class Model(nn.Module):
    """One convolution that mixes the channels of each pixel."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, 1, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.conv(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels]


TIERS = {
    "cpu": {"batch_size": 2, "height": 160, "width": 160},
    "ci": {"batch_size": 2, "in_channels": 32, "out_channels": 64, "height": 40, "width": 40},
}
UNSEEN = [
    {"batch_size": 1, "in_channels": 13, "out_channels": 37, "height": 17, "width": 31},
    {"batch_size": 3, "in_channels": 5, "out_channels": 7, "height": 1, "width": 131},
]
