"""MobileNet v2: a 3 x 3 stem, 17 inverted residual blocks, a 1 x 1 convolution, global average pooling, a linear layer.

x: (batch_size, 3, image_size, image_size), y: (batch_size, num_classes), float32. A block expands its channels (not the
first), filters each and projects; it adds its input where the shape stays. ReLU6 everywhere but behind projections.
Convolutions have no bias; batch norms use the batch's statistics; `multiplier` scales all widths; dropout's p is 0.
Differs: uneven normal images, upstream's are uniform; random affine parameters, large enough for ReLU6 to bite.
"""

import torch
import torch.nn as nn

batch_size = 10
image_size = 224
num_classes = 1000
multiplier = 1.0

# Expansion, output width, number of blocks and stride of the first, stage by stage.
stages = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))


def conv_bn(in_channels: int, out_channels: int, size: int, stride: int = 1, groups: int = 1, scale: float = 2) -> list:
    norm = nn.BatchNorm2d(out_channels)
    nn.init.uniform_(norm.weight, 0.5 * scale, 1.5 * scale)
    nn.init.normal_(norm.bias, 0.75 * scale, 0.5 * scale)
    conv = nn.Conv2d(in_channels, out_channels, size, stride, size // 2, groups=groups, bias=False)
    return [conv, norm]


def conv_bn_relu6(in_channels: int, out_channels: int, size: int, stride: int = 1, groups: int = 1) -> list:
    return [*conv_bn(in_channels, out_channels, size, stride, groups), nn.ReLU6(inplace=True)]


class InvertedResidual(nn.Module):
    """Wide inside, narrow at both ends."""

    def __init__(self, in_channels: int, out_channels: int, stride: int, expansion: int) -> None:
        super().__init__()
        self.residual = stride == 1 and in_channels == out_channels
        hidden = in_channels * expansion
        self.branch = nn.Sequential(
            *(conv_bn_relu6(in_channels, hidden, 1) if expansion > 1 else []),
            *conv_bn_relu6(hidden, hidden, 3, stride, groups=hidden),
            *conv_bn(hidden, out_channels, 1, scale=0.5 if self.residual else 1),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.branch(x) if self.residual else self.branch(x)


class Model(nn.Module):
    """Stem, inverted residual blocks and a linear classifier."""

    def __init__(self, num_classes: int, multiplier: float = multiplier) -> None:
        super().__init__()
        channels = int(32 * multiplier)
        layers = conv_bn_relu6(3, channels, 3, stride=2)
        for expansion, width, count, first_stride in stages:
            for index in range(count):
                stride = first_stride if index == 0 else 1
                layers.append(InvertedResidual(channels, int(width * multiplier), stride, expansion))
                channels = int(width * multiplier)
        head = int(1280 * multiplier)
        self.features = nn.Sequential(*layers, *conv_bn_relu6(channels, head, 1), nn.AdaptiveAvgPool2d(1))
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
    "cpu": {"batch_size": 4, "image_size": 128},
    "ci": {"batch_size": 3, "image_size": 64, "num_classes": 250, "multiplier": 0.25},
}
UNSEEN = [
    {"batch_size": 3, "image_size": 75, "num_classes": 101, "multiplier": 0.22},
    {"batch_size": 2, "image_size": 97, "num_classes": 13, "multiplier": 0.3},
]
