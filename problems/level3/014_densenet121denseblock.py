"""Dense block: each layer reads all features so far and appends `growth_rate` new channels to them.

A layer is batch norm, ReLU and a 3 x 3 convolution without a bias; batch norms use the batch's statistics.
x: (batch_size, num_input_features, height, width), y: (batch_size, num_input_features + num_layers * growth_rate,
height, width), float32. Dropout is left out: its p is 0.
Differs: inputs are normal, upstream's uniform; affine parameters are random, upstream's are ones and zeros.
"""

import torch
import torch.nn as nn

batch_size = 10
num_layers = 6
num_input_features = 32
growth_rate = 32
height = 224
width = 224


def dense_layer(in_channels: int, growth_rate: int) -> nn.Sequential:
    norm = nn.BatchNorm2d(in_channels)
    nn.init.uniform_(norm.weight, 0.5, 1.5)
    nn.init.normal_(norm.bias, std=0.5)
    conv = nn.Conv2d(in_channels, growth_rate, 3, padding=1, bias=False)
    return nn.Sequential(norm, nn.ReLU(inplace=True), conv)


class Model(nn.Module):
    """Layers in sequence, each with a concatenation behind it."""

    def __init__(self, num_layers: int, num_input_features: int, growth_rate: int) -> None:
        super().__init__()
        widths = [num_input_features + index * growth_rate for index in range(num_layers)]
        self.layers = nn.ModuleList([dense_layer(width, growth_rate) for width in widths])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for layer in self.layers:
            x = torch.cat([x, layer(x)], dim=1)
        return x


def get_inputs() -> list:
    return [torch.randn(batch_size, num_input_features, height, width)]


def get_init_inputs() -> list:
    return [num_layers, num_input_features, growth_rate]


TIERS = {
    "cpu": {"batch_size": 4, "height": 56, "width": 56},
    "ci": {"batch_size": 2, "num_input_features": 12, "growth_rate": 8, "height": 28, "width": 28},
}
UNSEEN = [
    {"batch_size": 3, "num_layers": 5, "num_input_features": 7, "growth_rate": 5, "height": 17, "width": 29},
    {"batch_size": 1, "num_layers": 2, "num_input_features": 3, "growth_rate": 13, "height": 1, "width": 131},
]
