"""EfficientNet-B2 with 5 blocks: stem, MBConv blocks with squeeze-and-excitation, head, linear classifier.

x: (batch_size, 3, image_size, image_size), y: (batch_size, num_classes), float32. A block expands its channels, filters
each with a 3 x 3 kernel, scales each by a gate (global average, two 1 x 1 convolutions with a ReLU between, sigmoid) and
projects; nothing is added to its result. ReLU behind all batch norms but the projections'. Convolutions have no bias;
batch norms use the batch's statistics; `multiplier` scales all widths.
Differs: uneven normal images, random affine parameters; gates multiply the features, as published (5 products more).
"""

import torch
import torch.nn as nn

batch_size = 2
image_size = 224
num_classes = 1000
multiplier = 1.0

# Output width, stride and expansion of each block.
blocks = ((96, 1, 3), (144, 2, 6), (192, 2, 6), (288, 2, 6), (384, 1, 6))


def conv_bn(in_channels: int, out_channels: int, size: int, stride: int = 1, groups: int = 1) -> list:
    norm = nn.BatchNorm2d(out_channels)
    nn.init.uniform_(norm.weight, 0.5, 1.5)
    nn.init.normal_(norm.bias, 0.5, 0.5)
    conv = nn.Conv2d(in_channels, out_channels, size, stride, size // 2, groups=groups, bias=False)
    return [conv, norm]


class SqueezeExcitation(nn.Module):
    """A gate in (0, 1) for each channel, from the global averages of all."""

    def __init__(self, channels: int, squeezed: int) -> None:
        super().__init__()
        squeeze = nn.Conv2d(channels, squeezed, 1, bias=False)
        excite = nn.Conv2d(squeezed, channels, 1, bias=False)
        nn.init.kaiming_normal_(squeeze.weight)
        nn.init.kaiming_normal_(excite.weight)
        self.gate = nn.Sequential(nn.AdaptiveAvgPool2d(1), squeeze, nn.ReLU(inplace=True), excite, nn.Sigmoid())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.gate(x)


def mbconv(in_channels: int, out_channels: int, stride: int, expansion: int) -> list:
    hidden = in_channels * expansion
    return [
        *conv_bn(in_channels, hidden, 1),
        nn.ReLU(inplace=True),
        *conv_bn(hidden, hidden, 3, stride, groups=hidden),
        nn.ReLU(inplace=True),
        SqueezeExcitation(hidden, hidden // 4),
        *conv_bn(hidden, out_channels, 1),
    ]


class Model(nn.Module):
    """Stem, blocks, head and a linear classifier."""

    def __init__(self, num_classes: int, multiplier: float = multiplier) -> None:
        super().__init__()
        channels = int(32 * multiplier)
        layers = [*conv_bn(3, channels, 3, stride=2), nn.ReLU(inplace=True)]
        for width, stride, expansion in blocks:
            layers += mbconv(channels, int(width * multiplier), stride, expansion)
            channels = int(width * multiplier)
        head = int(1408 * multiplier)
        layers += [*conv_bn(channels, head, 1), nn.ReLU(inplace=True), nn.AdaptiveAvgPool2d(1)]
        self.features = nn.Sequential(*layers)
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
    "cpu": {"batch_size": 2, "image_size": 96},
    "ci": {"batch_size": 2, "image_size": 64, "num_classes": 250, "multiplier": 0.3},
}
UNSEEN = [
    {"batch_size": 3, "image_size": 75, "num_classes": 101, "multiplier": 0.22},
    {"batch_size": 5, "image_size": 97, "num_classes": 13, "multiplier": 0.25},
]
