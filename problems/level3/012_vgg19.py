"""VGG-19: 3 x 3 convolutions in five stages with a max pooling behind each, then three linear layers.

x: (batch_size, 3, image_size, image_size), y: (batch_size, num_classes), float32. `layers` has the convolutions' widths,
"M" is a pooling. Each layer but the last is followed by a ReLU; dropout is left out, its p is 0.
Differs: uneven normal images, He initialisation; by upstream's default one the input hardly shows in the output.
"""

import torch
import torch.nn as nn

batch_size = 10
image_size = 224
num_classes = 1000
layers = (64, 64, "M", 128, 128, "M", 256, 256, 256, 256, "M", 512, 512, 512, 512, "M", 512, 512, 512, 512, "M")
hidden_size = 4096

grid = image_size // 32  # height and width of the last feature map


def he_init(module: nn.Module) -> None:
    if isinstance(module, (nn.Conv2d, nn.Linear)):
        nn.init.kaiming_normal_(module.weight)
        nn.init.normal_(module.bias, std=0.1)


class Model(nn.Module):
    """Convolutional features and a classifier on top of them."""

    def __init__(
        self, num_classes: int, layers: tuple = layers, hidden_size: int = hidden_size, grid: int = grid
    ) -> None:
        super().__init__()
        features: list = []
        channels = 3
        for width in layers:
            if width == "M":
                features.append(nn.MaxPool2d(2))
            else:
                features += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU(inplace=True)]
                channels = width
        self.features = nn.Sequential(*features)
        self.classifier = nn.Sequential(
            nn.Linear(channels * grid * grid, hidden_size),
            nn.ReLU(inplace=True),
            nn.Linear(hidden_size, hidden_size),
            nn.ReLU(inplace=True),
            nn.Linear(hidden_size, num_classes),
        )
        self.apply(he_init)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.classifier(self.features(x).flatten(1))


def get_inputs() -> list:
    # An image has a brightness and contrast of its own: to poolings, images of plain noise are all alike.
    brightness, contrast = torch.randn(2, batch_size, 3, 1, 1)
    return [brightness + contrast * torch.randn(batch_size, 3, image_size, image_size)]


def get_init_inputs() -> list:
    return [num_classes, layers, hidden_size, grid]


TIERS = {
    "cpu": {"batch_size": 2, "image_size": 64, "hidden_size": 1024},
    "ci": {
        "batch_size": 4,
        "image_size": 64,
        "num_classes": 250,
        "layers": (8, 8, "M", 16, 16, "M", 24, 24, 24, 24, "M", 32, 32, 32, 32, "M", 32, 32, 32, 32, "M"),
        "hidden_size": 256,
    },
}
UNSEEN = [
    {
        "batch_size": 3,
        "image_size": 37,
        "num_classes": 101,
        "layers": (7, 5, "M", 11, 13, "M", 17, 19, 17, 23, "M", 29, 31, 29, 31, "M", 37, 33, 31, 37, "M"),
        "hidden_size": 67,
    },
    {"batch_size": 1, "image_size": 79, "num_classes": 13, "hidden_size": 131},
]
