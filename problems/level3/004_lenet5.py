"""LeNet-5 with ReLU and max pooling: two convolutions with a pooling each, then three linear layers.

x: (batch_size, 1, 32, 32), y: (batch_size, num_classes), float32.
Differs: normal inputs; He initialisation, so that the image weighs more than the biases do.
"""

import torch
import torch.nn as nn

batch_size = 4096
num_classes = 20


def he_init(module: nn.Module) -> None:
    if isinstance(module, (nn.Conv2d, nn.Linear)):
        nn.init.kaiming_normal_(module.weight)
        nn.init.normal_(module.bias, std=0.1)


class Model(nn.Module):
    """Convolutional features and a classifier on top of them."""

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 6, 5),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(6, 16, 5),
            nn.ReLU(),
            nn.MaxPool2d(2),
        )
        self.classifier = nn.Sequential(
            nn.Linear(16 * 5 * 5, 120),
            nn.ReLU(),
            nn.Linear(120, 84),
            nn.ReLU(),
            nn.Linear(84, num_classes),
        )
        self.apply(he_init)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.classifier(self.features(x).flatten(1))


def get_inputs() -> list:
    return [torch.randn(batch_size, 1, 32, 32)]


def get_init_inputs() -> list:
    return [num_classes]


TIERS = {"cpu": {"batch_size": 1024}, "ci": {"batch_size": 32}}
UNSEEN = [{"batch_size": 7, "num_classes": 13}, {"batch_size": 1, "num_classes": 101}, {"batch_size": 33}]
