"""1D convolution of long sequences with a stride of 3 and a dilation of 4, without a bias.

y[b, o, i] = sum over c, p of weight[o, c, p] * x[b, c, at(i, p)], where at(i, p) = i * stride + dilation * p.
x: (batch_size, in_channels, length), weight: (out_channels, in_channels, kernel_size),
y: (batch_size, out_channels, out_length), all float32, out = (size - dilation * (kernel_size - 1) - 1) // stride + 1.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 64
in_channels = 64
out_channels = 128
length = 524280
kernel_size = 3
stride = 3
dilation = 4


class Model(nn.Module):
    """One convolution."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, stride: int, dilation: int) -> None:
        super().__init__()
        self.conv = nn.Conv1d(in_channels, out_channels, kernel_size, stride=stride, dilation=dilation, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.conv(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, length)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, stride, dilation]


TIERS = {
    "cpu": {"batch_size": 2, "length": 32760},
    "ci": {"batch_size": 2, "in_channels": 32, "out_channels": 64, "length": 2040},
}
UNSEEN = [
    {"batch_size": 1, "in_channels": 13, "out_channels": 37, "length": 1009},
    {"batch_size": 3, "in_channels": 5, "out_channels": 7, "length": 499},
]
