"""3D convolution, leaky ReLU, a number per channel added, clamp, GELU in its exact (erf) form.

y = gelu(clamp(leaky_relu(conv3d(x)) + sum_tensor, -1, 1)); leaky_relu(z) is z where z > 0 and 0.2 * z elsewhere.
x: (batch_size, in_channels, depth, height, width), sum_tensor: (out_channels, 1, 1, 1), float32;
y: the shape of x with out_channels and size - kernel_size + 1.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 128
in_channels = 8
out_channels = 64
depth = 16
height = 64
width = 64
kernel_size = 3


class Model(nn.Module):
    """Convolution, leaky ReLU, addition, clamp, GELU."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, sum_tensor_shape: tuple) -> None:
        super().__init__()
        self.conv = nn.Conv3d(in_channels, out_channels, kernel_size)
        self.sum_tensor = nn.Parameter(0.7 * torch.randn(sum_tensor_shape))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = nn.functional.leaky_relu(self.conv(x), negative_slope=0.2)
        x = x + self.sum_tensor
        x = torch.clamp(x, -1.0, 1.0)
        return nn.functional.gelu(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, depth, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, (out_channels, 1, 1, 1)]


TIERS = {
    "cpu": {"batch_size": 5, "height": 32, "width": 32},
    "ci": {"batch_size": 2, "in_channels": 4, "out_channels": 16, "depth": 8, "height": 16, "width": 16},
}
UNSEEN = [
    {"batch_size": 1, "in_channels": 5, "out_channels": 19, "depth": 5, "height": 9, "width": 17},
    {"batch_size": 3, "in_channels": 1, "out_channels": 7, "depth": 4, "height": 13, "width": 11, "kernel_size": 2},
]
