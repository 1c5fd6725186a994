"""RegNet-like network without shortcuts: each stage has two 3 x 3 convolutions and a max pooling; a linear classifier.

x: (batch_size, input_channels, image_size, image_size), y: (batch_size, output_classes), float32; `block_widths` are those
of the stages. A convolution has a bias and is followed by batch norm (with the batch's statistics) and ReLU. The
classifier reads the global averages.
Differs: uneven normal images, upstream's are uniform; random affine parameters, upstream's are ones and zeros.
"""

import torch
import torch.nn as nn

batch_size = 8
image_size = 224
input_channels = 3
stages = 3
block_widths = [64, 128, 256]
output_classes = 10


def conv_bn_relu(in_channels: int, out_channels: int) -> list:
    norm = nn.BatchNorm2d(out_channels)
    nn.init.uniform_(norm.weight, 0.5, 1.5)
    nn.init.normal_(norm.bias, std=0.5)
    return [nn.Conv2d(in_channels, out_channels, 3, padding=1), norm, nn.ReLU()]


class Model(nn.Module):
    """Stages in sequence and a linear classifier."""

    def __init__(self, input_channels: int, stages: int, block_widths: list, output_classes: int) -> None:
        super().__init__()
        layers: list = []
        channels = input_channels
        for width in block_widths[:stages]:
            layers += [*conv_bn_relu(channels, width), *conv_bn_relu(width, width), nn.MaxPool2d(2)]
            channels = width
        self.features = nn.Sequential(*layers)
        self.fc = nn.Linear(channels, output_classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.fc(self.features(x).mean(dim=(2, 3)))


def get_inputs() -> list:
    # An image has a brightness and contrast of its own: to poolings, images of plain noise are all alike.
    brightness, contrast = torch.randn(2, batch_size, input_channels, 1, 1)
    return [brightness + contrast * torch.randn(batch_size, input_channels, image_size, image_size)]


def get_init_inputs() -> list:
    return [input_channels, stages, block_widths, output_classes]


TIERS = {
    "cpu": {"batch_size": 4, "image_size": 56},
    "ci": {"batch_size": 4, "image_size": 28, "block_widths": [16, 24, 40], "output_classes": 100},
}
UNSEEN = [
    {"batch_size": 3, "image_size": 37, "input_channels": 5, "block_widths": [13, 29, 31], "output_classes": 67},
    {
        "batch_size": 5,
        "image_size": 53,
        "input_channels": 1,
        "stages": 2,
        "block_widths": [7, 17],
        "output_classes": 13,
    },
]
