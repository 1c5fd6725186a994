"""3D convolution, group normalisation, minimum with a number, clamp, dropout with a fixed mask.

y = mask * clamp(min(group_norm(conv3d(x)), cap), min_value, max_value) with cap = (min_value + max_value) / 2.
group_norm divides by sqrt(var + 1e-5) of each sample and group (var divides by the number of values), then applies
weight and bias per channel.
mask: (out_channels, 1, 1, 1), a buffer: 0 for round(dropout_p * out_channels) channels, 1 / (1 - dropout_p) elsewhere.
x: (batch_size, in_channels, depth, height, width), y: the same with out_channels and size - kernel_size + 1, float32.
Differs: normal inputs, random affine; upstream takes the minimum with 0, so y is 0; the mask is fixed and per channel.
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
groups = 8
min_value = 0.0
max_value = 1.0
dropout_p = 0.2


class Model(nn.Module):
    """Convolution, group norm, minimum, clamp, dropout of the same channels in every call."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        groups: int,
        min_value: float,
        max_value: float,
        dropout_p: float,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv3d(in_channels, out_channels, kernel_size)
        self.norm = nn.GroupNorm(groups, out_channels)
        nn.init.uniform_(self.norm.weight, 0.5, 1.5)
        nn.init.normal_(self.norm.bias, std=0.5)
        self.min_value = min_value
        self.max_value = max_value
        kept = torch.randperm(out_channels) >= round(dropout_p * out_channels)
        self.register_buffer("mask", kept.view(-1, 1, 1, 1) / (1 - dropout_p))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.norm(self.conv(x))
        x = torch.minimum(x, x.new_full((), (self.min_value + self.max_value) / 2))
        x = torch.clamp(x, self.min_value, self.max_value)
        return x * self.mask


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, depth, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, groups, min_value, max_value, dropout_p]


TIERS = {
    "cpu": {"batch_size": 24, "height": 32, "width": 32},
    "ci": {"batch_size": 2, "depth": 8, "height": 16, "width": 16},
}
UNSEEN = [
    {"batch_size": 1, "in_channels": 5, "out_channels": 21, "depth": 5, "height": 13, "width": 19, "groups": 7},
    {"batch_size": 3, "in_channels": 1, "out_channels": 10, "depth": 7, "height": 11, "width": 5, "groups": 5},
]
