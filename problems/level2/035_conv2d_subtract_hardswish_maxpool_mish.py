"""2D convolution, a constant subtracted, HardSwish, max pooling and Mish.

x: (batch_size, in_channels, height, width), y: (batch_size, out_channels, (height - 2) // 2, (width - 2) // 2),
float32: a 3 x 3 kernel without padding, then windows of pool_kernel_size squared without overlap.
hardswish(v) = v * clamp(v + 3, 0, 6) / 6 has a minimum at -1.5, so pooling does not commute with it.
Differs: inputs are normal and four times as wide as a unit normal, so that both limits of HardSwish are met.
"""

import torch
import torch.nn as nn

batch_size = 128
in_channels = 64
out_channels = 128
height = 128
width = 128
kernel_size = 3
subtract_value = 0.5
pool_kernel_size = 2


class Model(nn.Module):
    """Convolution, subtraction, HardSwish, max pooling and Mish."""

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: int, subtract_value: float, pool_kernel_size: int
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, kernel_size)
        self.subtract_value = subtract_value
        self.pool = nn.MaxPool2d(pool_kernel_size)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = nn.functional.hardswish(self.conv(x) - self.subtract_value)
        return nn.functional.mish(self.pool(x))


def get_inputs() -> list:
    return [4 * torch.randn(batch_size, in_channels, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, subtract_value, pool_kernel_size]


TIERS = {
    "cpu": {"batch_size": 5, "in_channels": 32, "out_channels": 64, "height": 80, "width": 80},
    "ci": {"batch_size": 2, "in_channels": 8, "out_channels": 24, "height": 34, "width": 34},
}
UNSEEN = [
    {"batch_size": 3, "in_channels": 7, "out_channels": 13, "height": 37, "width": 29},
    {"batch_size": 1, "in_channels": 1, "out_channels": 41, "height": 5, "width": 67},
]
