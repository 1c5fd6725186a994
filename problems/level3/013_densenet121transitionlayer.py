"""Transition layer of DenseNet: batch norm, ReLU, 1 x 1 convolution without a bias, 2 x 2 average pooling.

x: (batch_size, num_input_features, height, width), y: (batch_size, num_output_features, height // 2, width // 2), float32;
the batch norm uses the batch's statistics.
Differs: inputs are normal, upstream's uniform; affine parameters are random, upstream's are ones and zeros.
"""

import torch
import torch.nn as nn

batch_size = 128
num_input_features = 32
num_output_features = 64
height = 256
width = 256


class Model(nn.Module):
    """Fewer pixels and another number of channels."""

    def __init__(self, num_input_features: int, num_output_features: int) -> None:
        super().__init__()
        norm = nn.BatchNorm2d(num_input_features)
        nn.init.uniform_(norm.weight, 0.5, 1.5)
        nn.init.normal_(norm.bias, std=0.5)
        self.transition = nn.Sequential(
            norm,
            nn.ReLU(inplace=True),
            nn.Conv2d(num_input_features, num_output_features, 1, bias=False),
            nn.AvgPool2d(2),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.transition(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, num_input_features, height, width)]


def get_init_inputs() -> list:
    return [num_input_features, num_output_features]


TIERS = {
    "cpu": {"batch_size": 32, "height": 64, "width": 64},
    "ci": {"batch_size": 4, "num_input_features": 16, "num_output_features": 32, "height": 32, "width": 32},
}
UNSEEN = [
    {"batch_size": 3, "num_input_features": 13, "num_output_features": 29, "height": 17, "width": 35},
    {"batch_size": 1, "num_input_features": 5, "num_output_features": 1, "height": 67, "width": 2},
]
