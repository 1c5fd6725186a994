"""Two-dimensional max pooling with a square window, here 4 x 4 at stride 1 with padding 1.

x: (batch_size, channels, height, width) float32; y: (batch_size, channels, out_height, out_width) with
out = (size + 2 * padding - dilation * (kernel_size - 1) - 1) // stride + 1. Padding never wins: it counts as -inf.
Differs: inputs are normal, upstream's are uniform in [0, 1): only negative values tell zeros from -inf.
"""

import torch
import torch.nn as nn

batch_size = 32
channels = 64
height = 512
width = 512
kernel_size = 4
stride = 1
padding = 1
dilation = 1


class Model(nn.Module):
    """Max pooling over the last two dimensions."""

    def __init__(self, kernel_size: int, stride: int, padding: int, dilation: int) -> None:
        super().__init__()
        self.maxpool = nn.MaxPool2d(kernel_size, stride=stride, padding=padding, dilation=dilation)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.maxpool(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, channels, height, width)]


def get_init_inputs() -> list:
    return [kernel_size, stride, padding, dilation]


TIERS = {
    "cpu": {"batch_size": 2, "channels": 64, "height": 64, "width": 64},
    "ci": {"batch_size": 2, "channels": 4, "height": 32, "width": 32},
}
UNSEEN = [
    {"batch_size": 1, "channels": 3, "height": 17, "width": 29},
    {"batch_size": 3, "channels": 5, "height": 7, "width": 67},
]
