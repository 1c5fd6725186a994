"""GoogLeNet (Inception v1): a stem of three convolutions, nine inception modules, global average pooling, a linear layer.

x: (batch_size, 3, image_size, image_size), y: (batch_size, num_classes), float32. Convolutions have a bias; the stem's
are followed by a ReLU, those of the inception modules by none. All widths are divided by `shrink`. Dropout's p is 0.
Differs: uneven normal images, larger initial weights; by upstream's the input does not show in the output.
"""

import torch
import torch.nn as nn

batch_size = 10
image_size = 224
num_classes = 1000
shrink = 1

# Widths of the branches: 1x1, 3x3 (reduction, output), 5x5 (reduction, output), projection of the pooling.
stage3 = ((64, 96, 128, 16, 32, 32), (128, 128, 192, 32, 96, 64))
stage4 = (
    (192, 96, 208, 16, 48, 64),
    (160, 112, 224, 24, 64, 64),
    (128, 128, 256, 24, 64, 64),
    (112, 144, 288, 32, 64, 64),
    (256, 160, 320, 32, 128, 128),
)
stage5 = ((256, 160, 320, 32, 128, 128), (384, 192, 384, 48, 128, 128))


def conv(in_channels: int, out_channels: int, size: int, stride: int = 1, gain: float = 1.0) -> nn.Conv2d:
    layer = nn.Conv2d(in_channels, out_channels, size, stride=stride, padding=size // 2)
    nn.init.normal_(layer.weight, std=gain * (in_channels * size * size) ** -0.5)
    nn.init.normal_(layer.bias, std=0.1)
    return layer


class Inception(nn.Module):
    """Four parallel branches and their concatenation."""

    def __init__(
        self, in_channels: int, out1: int, reduce3: int, out3: int, reduce5: int, out5: int, pool: int
    ) -> None:
        super().__init__()
        self.branch1 = conv(in_channels, out1, 1)
        self.branch3 = nn.Sequential(conv(in_channels, reduce3, 1), conv(reduce3, out3, 3))
        self.branch5 = nn.Sequential(conv(in_channels, reduce5, 1), conv(reduce5, out5, 5))
        self.branch_pool = nn.Sequential(nn.MaxPool2d(3, stride=1, padding=1), conv(in_channels, pool, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cat([self.branch1(x), self.branch3(x), self.branch5(x), self.branch_pool(x)], dim=1)


class Model(nn.Module):
    """Stem, three stages of inception modules with a pooling between them, and a linear classifier."""

    def __init__(self, num_classes: int, shrink: int = shrink) -> None:
        super().__init__()
        width = 64 // shrink
        self.stem = nn.Sequential(
            conv(3, width, 7, stride=2, gain=2**0.5),
            nn.ReLU(),
            nn.MaxPool2d(3, stride=2, padding=1),
            conv(width, width, 1, gain=2**0.5),
            nn.ReLU(),
            conv(width, 192 // shrink, 3, gain=2**0.5),
            nn.ReLU(),
            nn.MaxPool2d(3, stride=2, padding=1),
        )
        width = 192 // shrink
        modules: list = []
        for stage in (stage3, stage4, stage5):
            if modules:
                modules.append(nn.MaxPool2d(3, stride=2, padding=1))
            for row in stage:
                branches = [value // shrink for value in row]
                modules.append(Inception(width, *branches))
                width = branches[0] + branches[2] + branches[4] + branches[5]
        self.stages = nn.Sequential(*modules)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(width, num_classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.stages(self.stem(x))
        return self.fc(self.pool(x).flatten(1))


def get_inputs() -> list:
    # An image has a brightness and contrast of its own: to poolings, images of plain noise are all alike.
    brightness, contrast = torch.randn(2, batch_size, 3, 1, 1)
    return [brightness + contrast * torch.randn(batch_size, 3, image_size, image_size)]


def get_init_inputs() -> list:
    return [num_classes, shrink]


TIERS = {
    "cpu": {"batch_size": 2, "image_size": 160},
    "ci": {"batch_size": 4, "image_size": 64, "num_classes": 250, "shrink": 8},
}
UNSEEN = [
    {"batch_size": 3, "image_size": 75, "num_classes": 101, "shrink": 9},
    {"batch_size": 1, "image_size": 97, "num_classes": 67, "shrink": 7},
]
