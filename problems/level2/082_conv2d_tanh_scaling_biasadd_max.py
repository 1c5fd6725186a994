"""2D convolution, tanh, scaling, bias per channel, max pooling: y = max_pool(tanh(conv2d(x)) * scaling_factor + bias).

The pool's window is a square of pool_kernel_size with a stride of the same size; an incomplete window is dropped.
x: (batch_size, in_channels, height, width), bias: (out_channels, 1, 1), float32; y: (batch_size, out_channels, height',
width') with size' = (size - kernel_size + 1) // pool_kernel_size.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 128
in_channels = 8
out_channels = 64
height = 256
width = 256
kernel_size = 3
scaling_factor = 2.0
pool_kernel_size = 4


class Model(nn.Module):
    """Convolution, tanh, scale, bias, max pool."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        scaling_factor: float,
        bias_shape: tuple,
        pool_kernel_size: int,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, kernel_size)
        self.scaling_factor = scaling_factor
        self.bias = nn.Parameter(0.5 * torch.randn(bias_shape))
        self.max_pool = nn.MaxPool2d(pool_kernel_size)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.tanh(self.conv(x))
        x = x * self.scaling_factor + self.bias
        return self.max_pool(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, scaling_factor, (out_channels, 1, 1), pool_kernel_size]


TIERS = {
    "cpu": {"batch_size": 2, "height": 128, "width": 128},
    "ci": {"batch_size": 2, "out_channels": 32, "height": 34, "width": 34},
}
UNSEEN = [
    {"batch_size": 1, "in_channels": 3, "out_channels": 19, "height": 37, "width": 23},
    {"batch_size": 3, "in_channels": 5, "out_channels": 7, "height": 29, "width": 67, "pool_kernel_size": 3},
]
