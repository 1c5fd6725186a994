"""DenseNet-201 without bottlenecks: a 7 x 7 stem, four dense blocks with a transition between them, a linear classifier.

x: (batch_size, 3, image_size, image_size), y: (batch_size, num_classes), float32; `block_layers` are the dense blocks'
lengths. A dense layer appends `growth_rate` channels to the features so far: batch norm, ReLU, 3 x 3 convolution. A
transition halves channels (1 x 1 convolution) and sides (average pooling). Convolutions have no bias, batch norms use the
batch's statistics, dropout's p is 0.
Differs: uneven normal images, upstream's are uniform; random affine parameters, upstream's are ones and zeros.
"""

import torch
import torch.nn as nn

batch_size = 10
image_size = 224
growth_rate = 32
num_classes = 10
block_layers = (6, 12, 48, 32)


def batch_norm_relu(channels: int) -> list:
    norm = nn.BatchNorm2d(channels)
    nn.init.uniform_(norm.weight, 0.5, 1.5)
    nn.init.normal_(norm.bias, std=0.5)
    return [norm, nn.ReLU(inplace=True)]


class DenseLayer(nn.Module):
    """New channels, appended to those that they were computed from."""

    def __init__(self, in_channels: int, growth_rate: int) -> None:
        super().__init__()
        conv = nn.Conv2d(in_channels, growth_rate, 3, padding=1, bias=False)
        self.branch = nn.Sequential(*batch_norm_relu(in_channels), conv)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cat([x, self.branch(x)], dim=1)


class Model(nn.Module):
    """Stem, dense blocks with transitions between them, and a linear classifier."""

    def __init__(self, growth_rate: int, num_classes: int, block_layers: tuple = block_layers) -> None:
        super().__init__()
        channels = 2 * growth_rate
        features: list = [
            nn.Conv2d(3, channels, 7, stride=2, padding=3, bias=False),
            *batch_norm_relu(channels),
            nn.MaxPool2d(3, stride=2, padding=1),
        ]
        for block, count in enumerate(block_layers):
            if block > 0:
                conv = nn.Conv2d(channels, channels // 2, 1, bias=False)
                features += [*batch_norm_relu(channels), conv, nn.AvgPool2d(2)]
                channels //= 2
            for _ in range(count):
                features.append(DenseLayer(channels, growth_rate))
                channels += growth_rate
        self.features = nn.Sequential(*features, *batch_norm_relu(channels), nn.AdaptiveAvgPool2d(1))
        self.classifier = nn.Linear(channels, num_classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.classifier(self.features(x).flatten(1))


def get_inputs() -> list:
    # An image has a brightness and contrast of its own: to poolings, images of plain noise are all alike.
    brightness, contrast = torch.randn(2, batch_size, 3, 1, 1)
    return [brightness + contrast * torch.randn(batch_size, 3, image_size, image_size)]


def get_init_inputs() -> list:
    return [growth_rate, num_classes, block_layers]


TIERS = {
    "cpu": {"batch_size": 2, "image_size": 96, "growth_rate": 24},
    "ci": {"batch_size": 4, "image_size": 64, "growth_rate": 6, "num_classes": 64, "block_layers": (3, 6, 12, 9)},
}
UNSEEN = [
    {"batch_size": 3, "image_size": 75, "growth_rate": 5, "num_classes": 13, "block_layers": (2, 5, 7, 3)},
    {"batch_size": 2, "image_size": 101, "growth_rate": 7, "num_classes": 101, "block_layers": (1, 3, 4)},
]
