"""The first convolution of AlexNet: 3 to 96 channels, 11 x 11 window, stride 4, padding 2, with a bias.

x: (batch_size, 3, height, width), y: (batch_size, 96, out_height, out_width) with out = (size + 4 - 11) // 4 + 1,
weight: (96, 3, 11, 11), bias: (96,), all float32. `num_classes` belongs to the constructor and is not used.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 256
height = 224
width = 224
num_classes = 1000


class Model(nn.Module):
    """One strided convolution."""

    def __init__(self, num_classes: int = 1000) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 96, kernel_size=11, stride=4, padding=2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.conv1(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, 3, height, width)]


def get_init_inputs() -> list:
    return [num_classes]


TIERS = {"cpu": {"batch_size": 4}, "ci": {"batch_size": 2, "height": 63, "width": 63}}
UNSEEN = [{"batch_size": 3, "height": 35, "width": 35}, {"batch_size": 1, "height": 61, "width": 47}]
