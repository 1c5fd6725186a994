"""Linear layer, group normalisation over the features with an affine map, leaky ReLU (slope 0.01), sum with itself.

z = leaky_relu(group_norm(x W^T + b)), y = z + z; a group is hidden_size / num_groups neighbouring features, eps 1e-5.
x: (batch_size, input_size), W: (hidden_size, input_size), y: (batch_size, hidden_size), float32.
Differs: inputs are normal, upstream's are uniform in [0, 1); the norm's weight and bias are random, not ones and zeros.
"""

import torch
import torch.nn as nn

batch_size = 1024
input_size = 8192
hidden_size = 8192
num_groups = 512


class Model(nn.Module):
    """Linear layer, group normalisation, leaky ReLU and a doubling."""

    def __init__(self, input_size: int, hidden_size: int, num_groups: int) -> None:
        super().__init__()
        self.fc = nn.Linear(input_size, hidden_size)
        self.gn = nn.GroupNorm(num_groups, hidden_size)
        nn.init.uniform_(self.gn.weight, 0.5, 1.5)
        nn.init.normal_(self.gn.bias, std=0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.gn(self.fc(x))
        x = nn.functional.leaky_relu(x)
        return x + x


def get_inputs() -> list:
    return [torch.randn(batch_size, input_size)]


def get_init_inputs() -> list:
    return [input_size, hidden_size, num_groups]


TIERS = {
    "cpu": {"batch_size": 128, "input_size": 2048, "hidden_size": 2048, "num_groups": 128},
    "ci": {"batch_size": 32, "input_size": 256, "hidden_size": 128, "num_groups": 8},
}
UNSEEN = [
    {"batch_size": 17, "input_size": 131, "hidden_size": 91, "num_groups": 7},
    {"batch_size": 1, "input_size": 509, "hidden_size": 67, "num_groups": 1},
]
