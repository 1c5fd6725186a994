"""One-dimensional average pooling, here a window of 8 at stride 1 with padding 4.

x: (batch_size, in_channels, length) float32; y: (batch_size, in_channels, out_length) with
out_length = (length + 2 * padding - kernel_size) // stride + 1. Padding counts as zeros, the divisor is kernel_size.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 64
in_channels = 128
length = 65536
kernel_size = 8
stride = 1
padding = 4


class Model(nn.Module):
    """Average pooling over the last dimension."""

    def __init__(self, kernel_size: int, stride: int, padding: int) -> None:
        super().__init__()
        self.avg_pool = nn.AvgPool1d(kernel_size, stride=stride, padding=padding)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.avg_pool(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, length)]


def get_init_inputs() -> list:
    return [kernel_size, stride, padding]


TIERS = {"cpu": {"batch_size": 2, "in_channels": 16}, "ci": {"batch_size": 2, "in_channels": 8, "length": 4096}}
UNSEEN = [
    {"batch_size": 3, "in_channels": 5, "length": 1009},
    {"batch_size": 1, "in_channels": 67, "length": 131},
    {"batch_size": 2, "in_channels": 1, "length": 4099, "kernel_size": 5, "stride": 3, "padding": 1},
]
