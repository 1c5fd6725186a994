"""3D convolution, multiplier per channel, instance normalisation, clamp, the same multiplier, maximum over the channels.

n = (c - mean(c)) / sqrt(var(c) + eps) with c = conv3d(x) * multiplier, where mean and var are over the voxels of one
sample and channel (var divides by their number), without affine parameters, and eps is 1e-5;
y = max over channels of clamp(n, clamp_min, clamp_max) * multiplier. The multiplier has both signs.
x: (batch_size, in_channels, depth, height, width), multiplier: (out_channels, 1, 1, 1), float32;
y: (batch_size, depth - kernel_size + 1, height - kernel_size + 1, width - kernel_size + 1).
Differs: inputs are normal, upstream's are uniform in [0, 1).
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
clamp_min = -1.0
clamp_max = 1.0


class Model(nn.Module):
    """Convolution, multiplication, instance norm, clamp, multiplication, channel maximum."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        multiplier_shape: tuple,
        clamp_min: float,
        clamp_max: float,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv3d(in_channels, out_channels, kernel_size)
        self.multiplier = nn.Parameter(torch.randn(multiplier_shape))
        self.instance_norm = nn.InstanceNorm3d(out_channels)
        self.clamp_min = clamp_min
        self.clamp_max = clamp_max

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.conv(x) * self.multiplier
        x = self.instance_norm(x)
        x = torch.clamp(x, self.clamp_min, self.clamp_max) * self.multiplier
        return x.amax(dim=1)


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, depth, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, (out_channels, 1, 1, 1), clamp_min, clamp_max]


TIERS = {"cpu": {"batch_size": 10}, "ci": {"batch_size": 2, "depth": 8, "height": 16, "width": 16}}
UNSEEN = [
    {"batch_size": 1, "in_channels": 5, "out_channels": 7, "depth": 5, "height": 9, "width": 17},
    {"batch_size": 3, "in_channels": 1, "out_channels": 13, "depth": 6, "height": 19, "width": 11, "kernel_size": 4},
]
