"""3D convolution, a scale per channel, tanh, a factor per channel, sigmoid.

y = sigmoid(tanh(conv(x) * scaling) * bias), where scaling and bias are parameters of bias_shape, one value per
channel. x: (batch_size, in_channels, depth, height, width), y: (batch_size, out_channels, depth - 2, height - 2,
width - 2), float32: a 3 x 3 x 3 kernel without padding, stride 1. `scaling_factor` is the spread of `scaling`.
Differs: normal inputs; spread of scaling 2 and of bias 3, as upstream's outputs all lie near 0.5.
"""

import torch
import torch.nn as nn

batch_size = 128
in_channels = 3
out_channels = 16
depth = 16
height = 64
width = 64
kernel_size = 3
scaling_factor = 2
bias_shape = (out_channels, 1, 1, 1)


class Model(nn.Module):
    """Convolution, scaling, tanh, multiplication and sigmoid."""

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: int, scaling_factor: float, bias_shape: tuple
    ) -> None:
        super().__init__()
        self.conv = nn.Conv3d(in_channels, out_channels, kernel_size)
        self.scaling = nn.Parameter(scaling_factor * torch.randn(bias_shape))
        self.bias = nn.Parameter(3 * torch.randn(bias_shape))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.tanh(self.conv(x) * self.scaling)
        return torch.sigmoid(x * self.bias)


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, depth, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, scaling_factor, bias_shape]


TIERS = {
    "cpu": {"batch_size": 4, "height": 48, "width": 48},
    "ci": {"batch_size": 2, "depth": 8, "height": 16, "width": 16},
}
UNSEEN = [
    {"batch_size": 5, "in_channels": 2, "out_channels": 7, "depth": 5, "height": 13, "width": 11},
    {"batch_size": 1, "in_channels": 1, "out_channels": 19, "depth": 3, "height": 7, "width": 31},
]
