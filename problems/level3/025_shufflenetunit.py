"""ShuffleNet unit without stride: grouped 1 x 1 convolution, channel shuffle, depthwise 3 x 3, grouped 1 x 1, addition.

x: (batch_size, in_channels, height, width), y: (batch_size, out_channels, height, width), float32; in between the channels
are out_channels / 4. Batch norm (with the batch's statistics) behind each convolution, ReLU behind the first and the sum;
the shortcut is a 1 x 1 convolution with batch norm where the channels change. Convolutions have no bias.
Differs: inputs are normal, upstream's uniform; affine parameters are random, upstream's are ones and zeros.
"""

import torch
import torch.nn as nn

batch_size = 10
height = 224
width = 224
in_channels = 240
out_channels = 480
groups = 3


def conv_bn(in_channels: int, out_channels: int, size: int, groups: int = 1) -> list:
    norm = nn.BatchNorm2d(out_channels)
    nn.init.uniform_(norm.weight, 0.5, 1.5)
    nn.init.normal_(norm.bias, std=0.5)
    conv = nn.Conv2d(in_channels, out_channels, size, padding=size // 2, groups=groups, bias=False)
    return [conv, norm]


class Model(nn.Module):
    """Grouped bottleneck with a channel shuffle, beside a shortcut."""

    def __init__(self, in_channels: int, out_channels: int, groups: int) -> None:
        super().__init__()
        middle = out_channels // 4
        self.branch = nn.Sequential(
            *conv_bn(in_channels, middle, 1, groups),
            nn.ReLU(),
            nn.ChannelShuffle(groups),
            *conv_bn(middle, middle, 3, groups=middle),
            *conv_bn(middle, out_channels, 1, groups),
        )
        same = in_channels == out_channels
        self.shortcut = nn.Identity() if same else nn.Sequential(*conv_bn(in_channels, out_channels, 1))
        self.relu = nn.ReLU()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.relu(self.branch(x) + self.shortcut(x))


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, groups]


TIERS = {
    "cpu": {"batch_size": 2, "height": 56, "width": 56},
    "ci": {"batch_size": 2, "height": 21, "width": 21, "in_channels": 24, "out_channels": 48},
}
UNSEEN = [
    {"batch_size": 3, "height": 17, "width": 29, "in_channels": 20, "out_channels": 40, "groups": 5},
    {"batch_size": 1, "height": 31, "width": 7, "in_channels": 56, "out_channels": 56, "groups": 7},
]
