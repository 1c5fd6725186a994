"""Linear layer, sigmoid, sum over the features: y[i, 0] = sum over j of sigmoid((x W^T + b)[i, j]).

x: (batch_size, input_size), W: (hidden_size, input_size), b: (hidden_size,), y: (batch_size, 1), float32.
A bias about -8 leaves the sum to the few features that rise far; with one about 0, every sum is about hidden_size / 2.
Differs: inputs are normal with standard deviation 5, upstream's uniform in [0, 1); the bias is normal about -8.
"""

import torch
import torch.nn as nn

batch_size = 128
input_size = 32768
hidden_size = 32768


class Model(nn.Module):
    """Linear layer, sigmoid and a sum per row."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.linear = nn.Linear(input_size, hidden_size)
        nn.init.normal_(self.linear.bias, mean=-8.0, std=0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.sigmoid(self.linear(x))
        return x.sum(dim=1, keepdim=True)


def get_inputs() -> list:
    return [5.0 * torch.randn(batch_size, input_size)]


def get_init_inputs() -> list:
    return [input_size, hidden_size]


TIERS = {
    "cpu": {"batch_size": 32, "input_size": 4096, "hidden_size": 4096},
    "ci": {"batch_size": 64, "input_size": 1024, "hidden_size": 512},
}
UNSEEN = [
    {"batch_size": 41, "input_size": 503, "hidden_size": 137},
    {"batch_size": 1, "input_size": 1021, "hidden_size": 67},
]
