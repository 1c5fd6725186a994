"""Basic block of ResNet with a projection: y = relu(bn(conv(relu(bn(conv(x))))) + bn(conv(x))).

x: (batch_size, in_channels, height, width), y: (batch_size, out_channels, height // stride, width // stride), float32.
The main path has 3 x 3 convolutions, the projection one of 1 x 1, none with a bias; batch norms use the batch's statistics.
Differs: inputs are normal, upstream's uniform; affine parameters are random, upstream's are ones and zeros.
"""

import torch
import torch.nn as nn

batch_size = 10
height = 224
width = 224
in_channels = 3
out_channels = 64
stride = 1


def batch_norm(channels: int) -> nn.BatchNorm2d:
    norm = nn.BatchNorm2d(channels)
    nn.init.uniform_(norm.weight, 0.5, 1.5)
    nn.init.normal_(norm.bias, std=0.5)
    return norm


class Model(nn.Module):
    """Two convolutions and a projection shortcut."""

    def __init__(self, in_channels: int, out_channels: int, stride: int) -> None:
        super().__init__()
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, out_channels, 3, stride=stride, padding=1, bias=False),
            batch_norm(out_channels),
            nn.ReLU(inplace=True),
            nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False),
            batch_norm(out_channels),
        )
        self.shortcut = nn.Sequential(
            nn.Conv2d(in_channels, out_channels, 1, stride=stride, bias=False),
            batch_norm(out_channels),
        )
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.relu(self.branch(x) + self.shortcut(x))


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, stride]


TIERS = {
    "cpu": {"batch_size": 10, "height": 64, "width": 64},
    "ci": {"batch_size": 2, "height": 28, "width": 28, "out_channels": 16},
}
UNSEEN = [
    {"batch_size": 3, "height": 17, "width": 29, "in_channels": 5, "out_channels": 13},
    {"batch_size": 1, "height": 31, "width": 23, "in_channels": 1, "out_channels": 7, "stride": 2},
]
