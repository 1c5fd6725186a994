"""MobileNet v1: a 3 x 3 stem, 13 depthwise separable convolutions, global average pooling, a linear layer.

x: (batch_size, input_channels, image_size, image_size), y: (batch_size, num_classes), float32; `alpha` scales all widths.
Each convolution is followed by batch norm (with the batch's statistics) and ReLU; none has a bias.
Differs: uneven normal images, upstream's are uniform; random affine parameters, upstream's are ones and zeros.
"""

import torch
import torch.nn as nn

batch_size = 10
image_size = 224
num_classes = 1000
input_channels = 3
alpha = 1.0

# Output width at alpha 1 and stride of each separable convolution.
blocks = (
    *((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)),
    *((512, 1), (512, 1), (512, 1), (512, 1), (512, 1), (1024, 2), (1024, 1)),
)


def conv_bn_relu(in_channels: int, out_channels: int, size: int, stride: int = 1, groups: int = 1) -> list:
    norm = nn.BatchNorm2d(out_channels)
    nn.init.uniform_(norm.weight, 0.5, 1.5)
    nn.init.normal_(norm.bias, 0.75, 0.5)
    return [
        nn.Conv2d(in_channels, out_channels, size, stride=stride, padding=size // 2, groups=groups, bias=False),
        norm,
        nn.ReLU(inplace=True),
    ]


class Model(nn.Module):
    """Depthwise and pointwise convolutions in turn, and a linear classifier."""

    def __init__(self, num_classes: int, input_channels: int, alpha: float) -> None:
        super().__init__()
        channels = int(32 * alpha)
        layers = conv_bn_relu(input_channels, channels, 3, stride=2)
        for out_channels, stride in blocks:
            layers += conv_bn_relu(channels, channels, 3, stride=stride, groups=channels)
            layers += conv_bn_relu(channels, int(out_channels * alpha), 1)
            channels = int(out_channels * alpha)
        self.features = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1))
        self.fc = nn.Linear(channels, num_classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.fc(self.features(x).flatten(1))


def get_inputs() -> list:
    # An image has a brightness and contrast of its own: to poolings, images of plain noise are all alike.
    brightness, contrast = torch.randn(2, batch_size, input_channels, 1, 1)
    return [brightness + contrast * torch.randn(batch_size, input_channels, image_size, image_size)]


def get_init_inputs() -> list:
    return [num_classes, input_channels, alpha]


TIERS = {
    "cpu": {"batch_size": 4, "image_size": 128},
    "ci": {"batch_size": 4, "image_size": 64, "num_classes": 250, "alpha": 0.25},
}
UNSEEN = [
    {"batch_size": 3, "image_size": 75, "num_classes": 101, "alpha": 0.22},
    {"batch_size": 2, "image_size": 97, "num_classes": 13, "input_channels": 1, "alpha": 0.125},
]
