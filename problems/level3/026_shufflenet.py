"""ShuffleNet: a 3 x 3 stem with max pooling, three stages of units, a 1 x 1 convolution, average pooling, a linear layer.

x: (batch_size, 3, image_size, image_size), y: (batch_size, num_classes), float32; `widths` and `repeats` are the stages'.
A unit: grouped 1 x 1 convolution to a quarter of its channels, channel shuffle, depthwise 3 x 3, grouped 1 x 1; its input
is added, through a 1 x 1 convolution where the channels change. No unit strides. Batch norm (with the batch's statistics)
behind each convolution; ReLU in the stem, behind a unit's first convolution and its sum, and before the average pooling.
Differs: uneven normal images, upstream's are uniform; random affine parameters, upstream's are ones and zeros.
"""

import torch
import torch.nn as nn

batch_size = 10
image_size = 224
num_classes = 1000
groups = 3
stem_width = 24
widths = (240, 480, 960)
repeats = (3, 7, 3)
head_width = 1024


def conv_bn(
    in_channels: int, out_channels: int, size: int, stride: int = 1, groups: int = 1, scale: float = 1.0
) -> list:
    norm = nn.BatchNorm2d(out_channels)
    nn.init.uniform_(norm.weight, 0.5 * scale, 1.5 * scale)
    nn.init.normal_(norm.bias, std=0.5 * scale)
    conv = nn.Conv2d(in_channels, out_channels, size, stride, size // 2, groups=groups, bias=False)
    return [conv, norm]


class Unit(nn.Module):
    """Grouped bottleneck with a channel shuffle, beside a shortcut."""

    def __init__(self, in_channels: int, out_channels: int, groups: int) -> None:
        super().__init__()
        middle = out_channels // 4
        self.branch = nn.Sequential(
            *conv_bn(in_channels, middle, 1, groups=groups),
            nn.ReLU(),
            nn.ChannelShuffle(groups),
            *conv_bn(middle, middle, 3, groups=middle),
            *conv_bn(middle, out_channels, 1, groups=groups, scale=0.5),
        )
        same = in_channels == out_channels
        self.shortcut = nn.Identity() if same else nn.Sequential(*conv_bn(in_channels, out_channels, 1))
        self.relu = nn.ReLU()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.relu(self.branch(x) + self.shortcut(x))


class Model(nn.Module):
    """Stem, stages of units, head and a linear classifier."""

    def __init__(
        self,
        num_classes: int,
        groups: int = groups,
        stem_width: int = stem_width,
        widths: tuple = widths,
        repeats: tuple = repeats,
        head_width: int = head_width,
    ) -> None:
        super().__init__()
        layers = [*conv_bn(3, stem_width, 3, stride=2), nn.ReLU(), nn.MaxPool2d(3, stride=2, padding=1)]
        channels = stem_width
        for width, count in zip(widths, repeats, strict=True):
            for _ in range(count):
                layers.append(Unit(channels, width, groups))
                channels = width
        layers += [*conv_bn(channels, head_width, 1), nn.ReLU(), nn.AdaptiveAvgPool2d(1)]
        self.features = nn.Sequential(*layers)
        self.fc = nn.Linear(head_width, num_classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.fc(self.features(x).flatten(1))


def get_inputs() -> list:
    # An image has a brightness and contrast of its own: to poolings, images of plain noise are all alike.
    brightness, contrast = torch.randn(2, batch_size, 3, 1, 1)
    return [brightness + contrast * torch.randn(batch_size, 3, image_size, image_size)]


def get_init_inputs() -> list:
    return [num_classes, groups, stem_width, widths, repeats, head_width]


TIERS = {
    "cpu": {"batch_size": 2, "image_size": 64},
    "ci": {
        "batch_size": 4,
        "image_size": 40,
        "num_classes": 250,
        "stem_width": 12,
        "widths": (24, 48, 96),
        "repeats": (2, 4, 2),
        "head_width": 128,
    },
}
UNSEEN = [
    {"batch_size": 3, "image_size": 53, "num_classes": 101, "groups": 5, "stem_width": 5, "widths": (20, 40, 60)},
    {"batch_size": 2, "image_size": 67, "num_classes": 13, "widths": (12, 36), "repeats": (1, 5), "head_width": 131},
]
