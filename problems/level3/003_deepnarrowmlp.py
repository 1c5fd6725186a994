"""Multi-layer perceptron, deep and narrow: linear layers with a ReLU behind each but the last.

x: (batch_size, input_size), y: (batch_size, output_size), float32; `hidden_layer_sizes` lists the widths in between.
Differs: normal inputs, He initialisation; by upstream's default one the output does not depend on the input.
"""

import torch
import torch.nn as nn

batch_size = 1024
input_size = 8192
hidden_layer_sizes = [1024, 1024, 1024, 1024, 1024, 1024, 1024, 1024, 1024, 1024, 1024, 1024, 1024, 1024, 1024, 1024]
output_size = 8192


class Model(nn.Module):
    """Linear and ReLU layers in sequence."""

    def __init__(self, input_size: int, hidden_layer_sizes: list, output_size: int) -> None:
        super().__init__()
        layers: list = []
        width = input_size
        for hidden_size in hidden_layer_sizes:
            layers += [nn.Linear(width, hidden_size), nn.ReLU()]
            width = hidden_size
        layers.append(nn.Linear(width, output_size))
        for layer in layers[::2]:
            nn.init.kaiming_normal_(layer.weight)
            nn.init.normal_(layer.bias, std=0.1)
        self.network = nn.Sequential(*layers)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.network(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, input_size)]


def get_init_inputs() -> list:
    return [input_size, hidden_layer_sizes, output_size]


TIERS = {
    "cpu": {
        "batch_size": 256,
        "input_size": 2048,
        "hidden_layer_sizes": [512, 512, 512, 512, 512, 512, 512, 512, 512, 512, 512, 512, 512, 512, 512, 512],
        "output_size": 2048,
    },
    "ci": {
        "batch_size": 16,
        "input_size": 256,
        "hidden_layer_sizes": [64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64],
        "output_size": 256,
    },
}
UNSEEN = [
    {"batch_size": 5, "input_size": 127, "hidden_layer_sizes": [61, 67, 59, 71, 53, 73, 61], "output_size": 97},
    {"batch_size": 1, "input_size": 257, "hidden_layer_sizes": [65, 33, 65, 33, 65], "output_size": 131},
]
