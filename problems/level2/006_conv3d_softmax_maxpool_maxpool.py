"""3D convolution, softmax over the channels, and max pooling twice with one window.

x: (batch_size, in_channels, depth, height, width), y: (batch_size, out_channels, depth', height', width') with
depth' = (depth - kernel_size + 1) // pool_kernel_size // pool_kernel_size, float32; what does
not fill a window is dropped.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 128
in_channels = 3
out_channels = 16
depth = 16
height = 32
width = 32
kernel_size = 3
pool_kernel_size = 2


class Model(nn.Module):
    """Convolution, channel softmax and two poolings."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, pool_kernel_size: int) -> None:
        super().__init__()
        self.conv = nn.Conv3d(in_channels, out_channels, kernel_size)
        self.pool = nn.MaxPool3d(pool_kernel_size)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.softmax(self.conv(x), dim=1)
        return self.pool(self.pool(x))


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, depth, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, pool_kernel_size]


TIERS = {"cpu": {"batch_size": 12}, "ci": {"batch_size": 8, "out_channels": 12, "height": 18, "width": 22}}
UNSEEN = [
    {"batch_size": 3, "in_channels": 5, "out_channels": 7, "depth": 11, "height": 19, "width": 29},
    {"batch_size": 1, "in_channels": 1, "out_channels": 13, "depth": 14, "height": 23, "width": 17, "kernel_size": 1},
]
