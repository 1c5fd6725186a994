"""3D convolution, group norm, and the mean of each sample over everything else.

x: (batch_size, in_channels, depth, height, width), y: (batch_size,), float32. The norm's weight varies within a group
and the channels' means differ, so the mean does not cancel what the norm has centred.
Differs: normal inputs with an offset per sample and channel, and random affine parameters: upstream's y is always 0.
"""

import torch
import torch.nn as nn

batch_size = 128
in_channels = 3
out_channels = 24
depth = 24
height = 32
width = 32
kernel_size = 3
num_groups = 8


class Model(nn.Module):
    """Convolution, group norm and mean."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, num_groups: int) -> None:
        super().__init__()
        self.conv = nn.Conv3d(in_channels, out_channels, kernel_size)
        self.group_norm = nn.GroupNorm(num_groups, out_channels)
        nn.init.normal_(self.group_norm.weight)
        nn.init.normal_(self.group_norm.bias, std=0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.group_norm(self.conv(x))
        return x.mean(dim=(1, 2, 3, 4))


def get_inputs() -> list:
    offset = 4 * torch.randn(batch_size, in_channels, 1, 1, 1)
    scale = torch.randn(batch_size, 1, depth, height, 1).exp()
    return [offset + scale * torch.randn(batch_size, in_channels, depth, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, num_groups]


TIERS = {
    "cpu": {"batch_size": 10},
    "ci": {"batch_size": 8, "depth": 8, "height": 16, "width": 16},
}
UNSEEN = [
    {"batch_size": 5, "out_channels": 21, "depth": 7, "height": 13, "width": 11, "num_groups": 7},
    {"batch_size": 1, "in_channels": 2, "out_channels": 15, "depth": 3, "height": 67, "width": 5, "num_groups": 3},
]
