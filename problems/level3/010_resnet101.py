"""ResNet-101: a 7 x 7 stem, four stages of bottleneck blocks, global average pooling, a linear layer.

x: (batch_size, 3, image_size, image_size), y: (batch_size, num_classes), float32. `layers` are the blocks of the stages;
a stage's bottlenecks are `width`, 2, 4 and 8 `width` wide, its blocks' outputs four times that. A stage's first block
strides in its 3 x 3 convolution. Convolutions have no bias; batch norms use the batch's statistics.
Differs: uneven normal images; random affine parameters (upstream: ones, zeros), small ones at the end of a branch.
"""

import torch
import torch.nn as nn

batch_size = 10
image_size = 224
layers = [3, 4, 23, 3]
num_classes = 1000
width = 64


def batch_norm(channels: int, scale: float = 1.0) -> nn.BatchNorm2d:
    norm = nn.BatchNorm2d(channels)
    nn.init.uniform_(norm.weight, 0.5 * scale, 1.5 * scale)
    nn.init.normal_(norm.bias, std=0.5 * scale)
    return norm


class Bottleneck(nn.Module):
    """Convolutions of 1 x 1, 3 x 3 and 1 x 1 beside a shortcut, which is a projection where the shape changes."""

    def __init__(self, in_channels: int, width: int, stride: int) -> None:
        super().__init__()
        out_channels = 4 * width
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, width, 1, bias=False),
            batch_norm(width),
            nn.ReLU(inplace=True),
            nn.Conv2d(width, width, 3, stride=stride, padding=1, bias=False),
            batch_norm(width),
            nn.ReLU(inplace=True),
            nn.Conv2d(width, out_channels, 1, bias=False),
            batch_norm(out_channels, scale=0.25),
        )
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or in_channels != out_channels:
            self.shortcut = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, 1, stride=stride, bias=False),
                batch_norm(out_channels),
            )
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.relu(self.branch(x) + self.shortcut(x))


class Model(nn.Module):
    """Stem, four stages and a linear classifier."""

    def __init__(self, layers: list, num_classes: int, width: int = width) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, width, 7, stride=2, padding=3, bias=False),
            batch_norm(width),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, stride=2, padding=1),
        )
        blocks: list = []
        channels = width
        for stage, count in enumerate(layers):
            for index in range(count):
                stride = 2 if stage > 0 and index == 0 else 1
                blocks.append(Bottleneck(channels, width * 2**stage, stride))
                channels = 4 * width * 2**stage
        self.stages = nn.Sequential(*blocks)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(channels, num_classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.stages(self.stem(x))
        return self.fc(self.pool(x).flatten(1))


def get_inputs() -> list:
    # An image has a brightness and contrast of its own: to poolings, images of plain noise are all alike.
    brightness, contrast = torch.randn(2, batch_size, 3, 1, 1)
    return [brightness + contrast * torch.randn(batch_size, 3, image_size, image_size)]


def get_init_inputs() -> list:
    return [layers, num_classes, width]


TIERS = {
    "cpu": {"batch_size": 2, "image_size": 72},
    "ci": {"batch_size": 3, "image_size": 64, "layers": [2, 2, 5, 2], "num_classes": 200, "width": 8},
}
UNSEEN = [
    {"batch_size": 3, "image_size": 75, "layers": [1, 2, 3, 1], "num_classes": 101, "width": 7},
    {"batch_size": 2, "image_size": 97, "layers": [2, 1, 1, 2], "num_classes": 13, "width": 5},
]
