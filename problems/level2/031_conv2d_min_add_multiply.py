"""2D convolution, elementwise minimum with a constant, a bias added, the sum scaled.

y = (min(conv(x), constant_value) + bias) * scaling_factor, all float32.
x: (batch_size, in_channels, height, width), y: (batch_size, out_channels, height - 2, width - 2) for a 3 x 3 kernel
without padding, bias: (out_channels, 1, 1), on top of the convolution's own bias.
Differs: inputs are normal, upstream's are uniform in [0, 1); the added bias is drawn with standard deviation 0.5.
"""

import torch
import torch.nn as nn

batch_size = 128
in_channels = 64
out_channels = 128
height = 128
width = 128
kernel_size = 3
constant_value = 0.5
scaling_factor = 2.0
bias_shape = (out_channels, 1, 1)


class Model(nn.Module):
    """Convolution with three elementwise operations behind it."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        constant_value: float,
        bias_shape: tuple,
        scaling_factor: float,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, kernel_size)
        self.constant_value = constant_value
        self.bias = nn.Parameter(torch.empty(bias_shape))
        self.scaling_factor = scaling_factor
        nn.init.normal_(self.bias, std=0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.conv(x)
        x = torch.minimum(x, x.new_tensor(self.constant_value))
        return (x + self.bias) * self.scaling_factor


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, constant_value, bias_shape, scaling_factor]


TIERS = {
    "cpu": {"batch_size": 6, "in_channels": 32, "out_channels": 64, "height": 96, "width": 96},
    "ci": {"batch_size": 2, "in_channels": 8, "out_channels": 32, "height": 20, "width": 34},
}
UNSEEN = [
    {"batch_size": 3, "in_channels": 7, "out_channels": 13, "height": 17, "width": 29},
    {"batch_size": 1, "in_channels": 1, "out_channels": 37, "height": 3, "width": 61},
]
