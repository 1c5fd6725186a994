"""2D convolution, two numbers subtracted, Mish.

z = conv2d(x) - subtract_value_1 - subtract_value_2; y = z * tanh(log(1 + e^z)).
x: (batch_size, in_channels, height, width), float32; y: the same with out_channels and size - kernel_size + 1.
Differs: inputs are normal of scale 2, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 128
in_channels = 8
out_channels = 64
height = 256
width = 256
kernel_size = 3
subtract_value_1 = 0.5
subtract_value_2 = 0.2


class Model(nn.Module):
    """Convolution, two subtractions, Mish."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        subtract_value_1: float,
        subtract_value_2: float,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, kernel_size)
        self.subtract_value_1 = subtract_value_1
        self.subtract_value_2 = subtract_value_2

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.conv(x)
        x = x - self.subtract_value_1
        x = x - self.subtract_value_2
        return nn.functional.mish(x)


def get_inputs() -> list:
    return [2 * torch.randn(batch_size, in_channels, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, subtract_value_1, subtract_value_2]


TIERS = {
    "cpu": {"batch_size": 4, "height": 128, "width": 128},
    "ci": {"batch_size": 2, "out_channels": 32, "height": 34, "width": 34},
}
UNSEEN = [
    {"batch_size": 1, "in_channels": 3, "out_channels": 19, "height": 37, "width": 23},
    {"batch_size": 3, "in_channels": 5, "out_channels": 7, "height": 13, "width": 67, "kernel_size": 4},
]
