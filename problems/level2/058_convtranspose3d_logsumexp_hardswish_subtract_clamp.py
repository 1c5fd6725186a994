"""Transposed 3D convolution, logsumexp over channels, a swish-like gate, subtraction of a parameter, clamp.

h = logsumexp over channels of conv_transpose3d(x); y = clamp(h * sigmoid(h + 3) / 6 - bias, -1, 1).
x: (batch_size, in_channels, depth, height, width), y: (batch_size, 1, out_depth, out_height, out_width) with
out = (size - 1) * stride - 2 * padding + kernel_size, bias: (1, 1, 1, 1), all float32; the convolution has a bias too.
Weights and the convolution's bias (about -5) are drawn so that h takes both signs and the gate and the clamp both act.
Differs: inputs are normal; weights are raised and the bias of the convolution lowered: upstream's h is about log(16).
"""

import torch
import torch.nn as nn

batch_size = 128
in_channels = 3
out_channels = 16
depth = 16
height = 32
width = 32
kernel_size = 3
stride = 2
padding = 1
bias_shape = (1, 1, 1, 1)


class Model(nn.Module):
    """Transposed convolution, reduced over its channels, with elementwise operations behind it."""

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: int, stride: int, padding: int, bias_shape: tuple
    ) -> None:
        super().__init__()
        self.conv_transpose = nn.ConvTranspose3d(in_channels, out_channels, kernel_size, stride, padding)
        self.bias = nn.Parameter(torch.empty(bias_shape).uniform_(-0.75, -0.25))
        nn.init.normal_(self.conv_transpose.weight)
        nn.init.normal_(self.conv_transpose.bias, mean=-5.0, std=0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.conv_transpose(x)
        x = torch.logsumexp(x, dim=1, keepdim=True)
        x = x * torch.sigmoid(x + 3) / 6
        x = x - self.bias
        return torch.clamp(x, -1, 1)


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, depth, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, stride, padding, bias_shape]


TIERS = {
    "cpu": {"batch_size": 2, "depth": 8},
    "ci": {"batch_size": 2, "out_channels": 8, "depth": 5, "height": 12, "width": 12},
}
UNSEEN = [
    {"batch_size": 3, "in_channels": 2, "out_channels": 5, "depth": 7, "height": 11, "width": 13},
    {"batch_size": 1, "out_channels": 7, "depth": 1, "height": 17, "width": 23},
]
