"""Inception module of GoogLeNet, without activations: four branches side by side, joined along the channels.

The branches are a 1 x 1 convolution; 1 x 1 and 3 x 3; 1 x 1 and 5 x 5; a 3 x 3 max pooling of stride 1 and 1 x 1.
x: (batch_size, in_channels, height, width), y: (batch_size, out_1x1 + out_3x3 + out_5x5 + pool_proj, height, width),
float32; all convolutions have a bias and keep height and width.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 10
height = 224
width = 224
in_channels = 480
out_1x1 = 192
reduce_3x3 = 96
out_3x3 = 208
reduce_5x5 = 16
out_5x5 = 48
pool_proj = 64


class Model(nn.Module):
    """Four parallel branches and their concatenation."""

    def __init__(
        self,
        in_channels: int,
        out_1x1: int,
        reduce_3x3: int,
        out_3x3: int,
        reduce_5x5: int,
        out_5x5: int,
        pool_proj: int,
    ) -> None:
        super().__init__()
        self.branch1 = nn.Conv2d(in_channels, out_1x1, 1)
        self.branch3 = nn.Sequential(
            nn.Conv2d(in_channels, reduce_3x3, 1),
            nn.Conv2d(reduce_3x3, out_3x3, 3, padding=1),
        )
        self.branch5 = nn.Sequential(
            nn.Conv2d(in_channels, reduce_5x5, 1),
            nn.Conv2d(reduce_5x5, out_5x5, 5, padding=2),
        )
        self.branch_pool = nn.Sequential(
            nn.MaxPool2d(3, stride=1, padding=1),
            nn.Conv2d(in_channels, pool_proj, 1),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cat([self.branch1(x), self.branch3(x), self.branch5(x), self.branch_pool(x)], dim=1)


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_1x1, reduce_3x3, out_3x3, reduce_5x5, out_5x5, pool_proj]


TIERS = {
    "cpu": {"batch_size": 2, "height": 42, "width": 42},
    "ci": {
        "batch_size": 2,
        "height": 21,
        "width": 21,
        "in_channels": 60,
        "out_1x1": 24,
        "reduce_3x3": 12,
        "out_3x3": 26,
        "reduce_5x5": 4,
        "out_5x5": 6,
        "pool_proj": 8,
    },
}
UNSEEN = [
    {"batch_size": 3, "height": 17, "width": 29, "in_channels": 37, "out_1x1": 13, "reduce_3x3": 7, "out_3x3": 19},
    {"batch_size": 1, "height": 5, "width": 67, "reduce_5x5": 3, "out_5x5": 11, "pool_proj": 1},
]
