"""EfficientNet-B1 without squeeze-and-excitation and with 7 blocks: stem, MBConv blocks, head, linear classifier.

x: (batch_size, 3, image_size, image_size), y: (batch_size, num_classes), float32. A block expands its channels, filters
each with a 3 x 3 kernel and projects; nothing is added to its result. ReLU6 in the blocks (not behind projections), ReLU
in stem and head. Convolutions have no bias; batch norms use the batch's statistics; `multiplier` scales all widths.
Differs: uneven normal images, upstream's are uniform; random affine parameters, large enough for ReLU6 to bite.
"""

import torch
import torch.nn as nn

batch_size = 10
image_size = 240
num_classes = 1000
multiplier = 1.0

# Output width, stride and expansion of each block.
blocks = ((16, 1, 1), (24, 2, 6), (40, 2, 6), (80, 2, 6), (112, 1, 6), (192, 2, 6), (320, 1, 6))


def conv_bn(in_channels: int, out_channels: int, size: int, stride: int = 1, groups: int = 1, scale: float = 2) -> list:
    norm = nn.BatchNorm2d(out_channels)
    nn.init.uniform_(norm.weight, 0.5 * scale, 1.5 * scale)
    nn.init.normal_(norm.bias, 0.5 * scale, 0.5 * scale)
    conv = nn.Conv2d(in_channels, out_channels, size, stride, size // 2, groups=groups, bias=False)
    return [conv, norm]


def mbconv(in_channels: int, out_channels: int, stride: int, expansion: int) -> list:
    hidden = in_channels * expansion
    return [
        *conv_bn(in_channels, hidden, 1),
        nn.ReLU6(inplace=True),
        *conv_bn(hidden, hidden, 3, stride, groups=hidden),
        nn.ReLU6(inplace=True),
        *conv_bn(hidden, out_channels, 1, scale=1),
    ]


class Model(nn.Module):
    """Stem, blocks, head and a linear classifier."""

    def __init__(self, num_classes: int, multiplier: float = multiplier) -> None:
        super().__init__()
        channels = int(32 * multiplier)
        layers = [*conv_bn(3, channels, 3, stride=2), nn.ReLU()]
        for width, stride, expansion in blocks:
            layers += mbconv(channels, int(width * multiplier), stride, expansion)
            channels = int(width * multiplier)
        head = int(1280 * multiplier)
        self.features = nn.Sequential(*layers, *conv_bn(channels, head, 1), nn.ReLU(), nn.AdaptiveAvgPool2d(1))
        self.classifier = nn.Linear(head, num_classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.classifier(self.features(x).flatten(1))


def get_inputs() -> list:
    # An image has a brightness and contrast of its own: to poolings, images of plain noise are all alike.
    brightness, contrast = torch.randn(2, batch_size, 3, 1, 1)
    return [brightness + contrast * torch.randn(batch_size, 3, image_size, image_size)]


def get_init_inputs() -> list:
    return [num_classes, multiplier]


TIERS = {
    "cpu": {"batch_size": 4, "image_size": 144},
    "ci": {"batch_size": 3, "image_size": 72, "num_classes": 250, "multiplier": 0.25},
}
UNSEEN = [
    {"batch_size": 3, "image_size": 75, "num_classes": 101, "multiplier": 0.22},
    {"batch_size": 2, "image_size": 97, "num_classes": 13, "multiplier": 0.3},
]
