"""Two linear layers with a sigmoid between them, then logsumexp over every row.

y[b] = log(sum over k of exp(z[b, k])), z = sigmoid(x W1^T + b1) W2^T + b2, all float32.
x: (batch_size, input_size), W1: (hidden_size, input_size), W2: (output_size, hidden_size), y: (batch_size,).
The logits z have a standard deviation of about 5: with alike logits y is hardly more than log(output_size).
Differs: normal inputs, four times as wide; W2 wide, as upstream's outputs are all alike within 1e-2.
"""

import torch
import torch.nn as nn

batch_size = 16384
input_size = 2048
hidden_size = 4096
output_size = 1024


class Model(nn.Module):
    """Linear layer, sigmoid, linear layer and logsumexp."""

    def __init__(self, input_size: int, hidden_size: int, output_size: int) -> None:
        super().__init__()
        self.linear1 = nn.Linear(input_size, hidden_size)
        self.linear2 = nn.Linear(hidden_size, output_size)
        nn.init.normal_(self.linear2.weight, std=8 / hidden_size**0.5)
        nn.init.normal_(self.linear2.bias, std=0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.sigmoid(self.linear1(x))
        return torch.logsumexp(self.linear2(x), dim=1)


def get_inputs() -> list:
    return [4 * torch.randn(batch_size, input_size)]


def get_init_inputs() -> list:
    return [input_size, hidden_size, output_size]


TIERS = {
    "cpu": {"batch_size": 1024, "input_size": 512, "hidden_size": 1024, "output_size": 256},
    "ci": {"batch_size": 1024, "input_size": 64, "hidden_size": 128, "output_size": 48},
}
UNSEEN = [
    {"batch_size": 1021, "input_size": 61, "hidden_size": 97, "output_size": 37},
    {"batch_size": 1, "input_size": 131, "hidden_size": 509, "output_size": 67},
]
