"""SqueezeNet 1.0: a 7 x 7 convolution, eight fire modules, a 1 x 1 convolution to the classes, global average pooling.

x: (batch_size, 3, image_size, image_size), y: (batch_size, num_classes), float32. Convolutions have a bias and a ReLU,
the last one too. All widths but the classes are divided by `shrink`. Dropout is left out: its p is 0.
Differs: uneven normal images, He initialisation; by upstream's default one the input hardly shows in the output.
"""

import torch
import torch.nn as nn

batch_size = 64
image_size = 512
num_classes = 1000
shrink = 1


def conv_relu(in_channels: int, out_channels: int, size: int, stride: int = 1, padding: int = 0) -> nn.Sequential:
    conv = nn.Conv2d(in_channels, out_channels, size, stride=stride, padding=padding)
    nn.init.kaiming_normal_(conv.weight)
    nn.init.normal_(conv.bias, std=0.1)
    return nn.Sequential(conv, nn.ReLU(inplace=True))


class Fire(nn.Module):
    """A narrow 1 x 1 convolution, then 1 x 1 and 3 x 3 side by side."""

    def __init__(self, in_channels: int, squeeze: int, expand: int) -> None:
        super().__init__()
        self.squeeze = conv_relu(in_channels, squeeze, 1)
        self.expand1 = conv_relu(squeeze, expand, 1)
        self.expand3 = conv_relu(squeeze, expand, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.squeeze(x)
        return torch.cat([self.expand1(x), self.expand3(x)], dim=1)


class Model(nn.Module):
    """Fire modules with three max poolings, and a convolutional classifier."""

    def __init__(self, num_classes: int, shrink: int = shrink) -> None:
        super().__init__()
        channels = 96 // shrink
        layers: list = [conv_relu(3, channels, 7, stride=2), nn.MaxPool2d(3, stride=2, ceil_mode=True)]
        for index, squeeze in enumerate((16, 16, 32, 32, 48, 48, 64, 64)):
            expand = 4 * squeeze // shrink
            layers.append(Fire(channels, squeeze // shrink, expand))
            channels = 2 * expand
            if index in (2, 6):
                layers.append(nn.MaxPool2d(3, stride=2, ceil_mode=True))
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(conv_relu(channels, num_classes, 1), nn.AdaptiveAvgPool2d(1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.classifier(self.features(x)).flatten(1)


def get_inputs() -> list:
    # An image has a brightness and contrast of its own: to poolings, images of plain noise are all alike.
    brightness, contrast = torch.randn(2, batch_size, 3, 1, 1)
    return [brightness + contrast * torch.randn(batch_size, 3, image_size, image_size)]


def get_init_inputs() -> list:
    return [num_classes, shrink]


TIERS = {
    "cpu": {"batch_size": 2, "image_size": 192},
    "ci": {"batch_size": 4, "image_size": 80, "num_classes": 250, "shrink": 4},
}
UNSEEN = [
    {"batch_size": 3, "image_size": 67, "num_classes": 101, "shrink": 5},
    {"batch_size": 1, "image_size": 131, "num_classes": 37, "shrink": 3},
]
