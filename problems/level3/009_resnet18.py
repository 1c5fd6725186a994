"""ResNet-18: a 7 x 7 stem, four stages of two basic blocks, global average pooling, a linear layer.

x: (batch_size, 3, image_size, image_size), y: (batch_size, num_classes), float32; `widths` are those of the stages.
Convolutions have no bias; batch norms use the batch's statistics.
Differs: uneven normal images; random affine parameters (upstream: ones, zeros), small ones at the end of a branch.
"""

import torch
import torch.nn as nn

batch_size = 2
image_size = 224
num_classes = 1000
widths = (64, 128, 256, 512)


def batch_norm(channels: int, scale: float = 1.0) -> nn.BatchNorm2d:
    norm = nn.BatchNorm2d(channels)
    nn.init.uniform_(norm.weight, 0.5 * scale, 1.5 * scale)
    nn.init.normal_(norm.bias, std=0.5 * scale)
    return norm


class BasicBlock(nn.Module):
    """Two 3 x 3 convolutions beside a shortcut, which is a projection where the shape changes."""

    def __init__(self, in_channels: int, out_channels: int, stride: int) -> None:
        super().__init__()
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, out_channels, 3, stride=stride, padding=1, bias=False),
            batch_norm(out_channels),
            nn.ReLU(inplace=True),
            nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False),
            batch_norm(out_channels, scale=0.5),
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

    def __init__(self, num_classes: int, widths: tuple = widths) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, widths[0], 7, stride=2, padding=3, bias=False),
            batch_norm(widths[0]),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, stride=2, padding=1),
        )
        blocks: list = []
        channels = widths[0]
        for stage, width in enumerate(widths):
            blocks.append(BasicBlock(channels, width, stride=1 if stage == 0 else 2))
            blocks.append(BasicBlock(width, width, stride=1))
            channels = width
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
    return [num_classes, widths]


TIERS = {
    "cpu": {"batch_size": 2, "image_size": 160},
    "ci": {"batch_size": 4, "image_size": 64, "num_classes": 250, "widths": (16, 24, 40, 64)},
}
UNSEEN = [
    {"batch_size": 3, "image_size": 75, "num_classes": 101, "widths": (11, 13, 29, 37)},
    {"batch_size": 2, "image_size": 97, "num_classes": 13, "widths": (8, 17, 17, 31)},
]
