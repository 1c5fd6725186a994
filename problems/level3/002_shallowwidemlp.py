"""Multi-layer perceptron, shallow and wide: linear layers with a ReLU behind each but the last.

x: (batch_size, input_size), y: (batch_size, output_size), float32; `hidden_layer_sizes` lists the widths in between.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 128
input_size = 16384
hidden_layer_sizes = [32768, 32768]
output_size = 16384


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
        self.network = nn.Sequential(*layers)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.network(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, input_size)]


def get_init_inputs() -> list:
    return [input_size, hidden_layer_sizes, output_size]


TIERS = {
    "cpu": {"batch_size": 64, "input_size": 2048, "hidden_layer_sizes": [4096, 4096], "output_size": 2048},
    "ci": {"batch_size": 16, "input_size": 192, "hidden_layer_sizes": [512, 512], "output_size": 192},
}
UNSEEN = [
    {"batch_size": 5, "input_size": 67, "hidden_layer_sizes": [263, 269], "output_size": 71},
    {"batch_size": 1, "input_size": 131, "hidden_layer_sizes": [509], "output_size": 33},
]
