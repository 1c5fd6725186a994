"""Multi-layer perceptron: linear layers with a ReLU behind each but the last.

x: (batch_size, input_size), y: (batch_size, output_size), float32; `layer_sizes` lists the widths in between.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 128
input_size = 16384
layer_sizes = [16384, 16384]
output_size = 8192


class Model(nn.Module):
    """Linear and ReLU layers in sequence."""

    def __init__(self, input_size: int, layer_sizes: list, output_size: int) -> None:
        super().__init__()
        layers: list = []
        width = input_size
        for layer_size in layer_sizes:
            layers += [nn.Linear(width, layer_size), nn.ReLU()]
            width = layer_size
        layers.append(nn.Linear(width, output_size))
        self.network = nn.Sequential(*layers)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.network(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, input_size)]


def get_init_inputs() -> list:
    return [input_size, layer_sizes, output_size]


TIERS = {
    "cpu": {"batch_size": 32, "input_size": 2048, "layer_sizes": [2048, 2048], "output_size": 1024},
    "ci": {"batch_size": 16, "input_size": 128, "layer_sizes": [128, 96], "output_size": 64},
}
UNSEEN = [
    {"batch_size": 3, "input_size": 61, "layer_sizes": [67, 71], "output_size": 13},
    {"batch_size": 1, "input_size": 131, "layer_sizes": [97, 89, 33], "output_size": 35},
]
