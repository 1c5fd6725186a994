"""AlexNet in one tower: five convolutions with three max poolings between them, then three linear layers.

x: (batch_size, 3, image_size, image_size), y: (batch_size, num_classes), float32. Dropout is left out: its p is 0.
Differs: uneven normal images, He initialisation; by upstream's default one the input hardly shows in the output.
"""

import torch
import torch.nn as nn

batch_size = 1024
image_size = 224
num_classes = 1000
widths = (96, 256, 384, 384, 256)
hidden_size = 4096

grid = ((image_size - 7) // 4 - 6) // 8  # height and width of the last feature map


def he_init(module: nn.Module) -> None:
    if isinstance(module, (nn.Conv2d, nn.Linear)):
        nn.init.kaiming_normal_(module.weight)
        nn.init.normal_(module.bias, std=0.1)


class Model(nn.Module):
    """Convolutional features and a classifier on top of them."""

    def __init__(
        self, num_classes: int, widths: tuple = widths, hidden_size: int = hidden_size, grid: int = grid
    ) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, widths[0], 11, stride=4, padding=2),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, stride=2),
            nn.Conv2d(widths[0], widths[1], 5, padding=2),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, stride=2),
            nn.Conv2d(widths[1], widths[2], 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(widths[2], widths[3], 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(widths[3], widths[4], 3, padding=1),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, stride=2),
        )
        self.classifier = nn.Sequential(
            nn.Linear(widths[4] * grid * grid, hidden_size),
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
    return [num_classes, widths, hidden_size, grid]


TIERS = {
    "cpu": {"batch_size": 4, "hidden_size": 1024},
    "ci": {
        "batch_size": 4,
        "image_size": 95,
        "num_classes": 200,
        "widths": (24, 48, 64, 64, 48),
        "hidden_size": 256,
    },
}
UNSEEN = [
    {"batch_size": 3, "image_size": 79, "num_classes": 101, "widths": (13, 29, 37, 41, 31), "hidden_size": 67},
    {"batch_size": 1, "image_size": 101, "num_classes": 13, "hidden_size": 131},
]
