"""Three-dimensional average pooling with a cubic window, here 3 x 3 x 3 at stride 2 with padding 1.

x: (batch_size, channels, dim1, dim2, dim3) float32; y: (batch_size, channels, out1, out2, out3) with
out = (dim + 2 * padding - kernel_size) // stride + 1. Padding counts as zeros: the divisor is always kernel_size^3.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 16
channels = 32
dim1 = 128
dim2 = 128
dim3 = 256
kernel_size = 3
stride = 2
padding = 1


class Model(nn.Module):
    """Average pooling over the last three dimensions."""

    def __init__(self, kernel_size: int, stride: int, padding: int) -> None:
        super().__init__()
        self.avg_pool = nn.AvgPool3d(kernel_size, stride=stride, padding=padding)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.avg_pool(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, channels, dim1, dim2, dim3)]


def get_init_inputs() -> list:
    return [kernel_size, stride, padding]


TIERS = {
    "cpu": {"batch_size": 2, "channels": 32, "dim1": 32, "dim2": 32, "dim3": 64},
    "ci": {"batch_size": 2, "channels": 8, "dim1": 16, "dim2": 16, "dim3": 32},
}
UNSEEN = [
    {"batch_size": 1, "channels": 3, "dim1": 11, "dim2": 17, "dim3": 29},
    {"batch_size": 3, "channels": 5, "dim1": 3, "dim2": 7, "dim3": 61},
    {"batch_size": 2, "channels": 1, "dim1": 13, "dim2": 9, "dim3": 31, "kernel_size": 2, "stride": 3, "padding": 0},
]
