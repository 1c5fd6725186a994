"""One-dimensional max pooling, here a window of 8 with dilation 3 at stride 1 with padding 4.

x: (batch_size, features, length) float32; y: (batch_size, features, out_length) with
out_length = (length + 2 * padding - dilation * (kernel_size - 1) - 1) // stride + 1. Padding never wins: it is -inf.
Differs: inputs are normal, upstream's are uniform in [0, 1): only negative values tell zeros from -inf.
"""

import torch
import torch.nn as nn

batch_size = 64
features = 192
length = 65536
kernel_size = 8
stride = 1
padding = 4
dilation = 3
return_indices = False


class Model(nn.Module):
    """Max pooling over the last dimension."""

    def __init__(self, kernel_size: int, stride: int, padding: int, dilation: int, return_indices: bool) -> None:
        super().__init__()
        self.maxpool = nn.MaxPool1d(
            kernel_size, stride=stride, padding=padding, dilation=dilation, return_indices=return_indices
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.maxpool(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, features, length)]


def get_init_inputs() -> list:
    return [kernel_size, stride, padding, dilation, return_indices]


TIERS = {"cpu": {"batch_size": 8, "features": 24}, "ci": {"batch_size": 2, "features": 8, "length": 4096}}
UNSEEN = [
    {"batch_size": 3, "features": 5, "length": 1009},
    {"batch_size": 1, "features": 67, "length": 131},
    {"batch_size": 2, "features": 1, "length": 4099, "kernel_size": 5, "stride": 2, "padding": 1, "dilation": 2},
]
