"""Two-dimensional average pooling with a square window, here 11 x 11 at stride 11, without padding.

x: (batch_size, channels, height, width) float32; y: (batch_size, channels, out_height, out_width) with
out = size // kernel_size. Rows and columns beyond the last full window are left out.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 16
channels = 64
height = 2048
width = 2048
kernel_size = 11


class Model(nn.Module):
    """Average pooling over windows that do not overlap."""

    def __init__(self, kernel_size: int) -> None:
        super().__init__()
        self.avg_pool = nn.AvgPool2d(kernel_size)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.avg_pool(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, channels, height, width)]


def get_init_inputs() -> list:
    return [kernel_size]


TIERS = {
    "cpu": {"batch_size": 4, "channels": 16, "height": 512, "width": 512},
    "ci": {"batch_size": 2, "channels": 4, "height": 256, "width": 256},
}
UNSEEN = [
    {"batch_size": 1, "channels": 3, "height": 67, "width": 131},
    {"batch_size": 3, "channels": 5, "height": 11, "width": 257},
    {"batch_size": 2, "channels": 1, "height": 101, "width": 97, "kernel_size": 3},
]
