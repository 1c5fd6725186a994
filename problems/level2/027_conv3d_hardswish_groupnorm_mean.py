"""3D convolution, HardSwish, group normalisation, then the mean of every channel over all its positions.

x: (batch_size, in_channels, depth, height, width), y: (batch_size, out_channels), float32. The convolution has no
padding and stride 1; each group holds out_channels / num_groups channels of one sample and all their positions.
The mean does not cancel the normalisation: a group has several channels, and every channel its own mean.
Differs: normal inputs with an offset per sample and channel (else all samples give alike outputs); random affine.
"""

import torch
import torch.nn as nn

batch_size = 1024
in_channels = 3
out_channels = 16
depth = 16
height = 32
width = 32
kernel_size = 4


class Model(nn.Module):
    """Convolution, HardSwish, group normalisation and global mean."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, num_groups: int = 4) -> None:
        super().__init__()
        self.conv = nn.Conv3d(in_channels, out_channels, kernel_size)
        self.group_norm = nn.GroupNorm(num_groups, out_channels)
        nn.init.uniform_(self.group_norm.weight, 0.5, 1.5)
        nn.init.normal_(self.group_norm.bias, std=0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = nn.functional.hardswish(self.conv(x))
        return self.group_norm(x).mean(dim=(2, 3, 4))


def get_inputs() -> list:
    x = 2 * torch.randn(batch_size, in_channels, depth, height, width)
    return [x + 3 * torch.randn(batch_size, in_channels, 1, 1, 1)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size]


TIERS = {
    "cpu": {"batch_size": 16},
    "ci": {"batch_size": 64, "depth": 8, "height": 10, "width": 10},
}
UNSEEN = [
    {"batch_size": 37, "in_channels": 2, "out_channels": 12, "depth": 7, "height": 11, "width": 9},
    {"batch_size": 1, "in_channels": 5, "out_channels": 28, "depth": 4, "height": 13, "width": 17},
]
