"""3D convolution and four activations, then a bias: y = sigmoid(gelu(leaky_relu(r(conv3d(x))))) + bias.

r(v) = relu(v - knee) + knee = max(v, knee) is a ReLU with its knee at (knee, knee), here -0.5; GELU is the exact one.
x: (batch_size, in_channels, depth, height, width), bias: (out_channels, 1, 1, 1), y: (batch_size, out_channels, depth',
height', width') with depth' = depth - kernel_size + 1, all float32.
Differs: normal inputs of std 2; ReLU's knee at -0.5, leaky slope 0.2: behind a knee at 0 the leaky ReLU does nothing.
"""

import torch
import torch.nn as nn

batch_size = 64
in_channels = 8
out_channels = 32
depth = 32
height = 64
width = 64
kernel_size = 3
bias_shape = (out_channels, 1, 1, 1)


class Model(nn.Module):
    """Convolution, four activations and an added bias."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        bias_shape: tuple,
        knee: float = -0.5,
        negative_slope: float = 0.2,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv3d(in_channels, out_channels, kernel_size)
        self.bias = nn.Parameter(0.5 * torch.randn(bias_shape))
        self.knee = knee
        self.negative_slope = negative_slope

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.conv(x) - self.knee) + self.knee
        x = nn.functional.leaky_relu(x, self.negative_slope)
        x = torch.sigmoid(nn.functional.gelu(x))
        return x + self.bias


def get_inputs() -> list:
    return [2 * torch.randn(batch_size, in_channels, depth, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, bias_shape]


TIERS = {
    "cpu": {"batch_size": 4, "depth": 16, "height": 32, "width": 32},
    "ci": {"batch_size": 2, "in_channels": 4, "out_channels": 16, "depth": 8, "height": 16, "width": 16},
}
UNSEEN = [
    {"batch_size": 3, "in_channels": 5, "out_channels": 7, "depth": 7, "height": 13, "width": 19},
    {"batch_size": 1, "in_channels": 1, "out_channels": 17, "depth": 3, "height": 5, "width": 67},
]
