"""Stacked bidirectional GRU over a sequence from a given state; the result is the top layer's states at every step.

x: (seq_len, batch_size, input_size), h0: (2 * num_layers, batch_size, hidden_size),
y: (seq_len, batch_size, 2 * hidden_size), float32: forward states, then backward ones. A layer steps
r, z = sigmoid(W x + U h + b), n = tanh(W x + b + r (U h + b')), h = (1 - z) n + z h both ways; both states,
concatenated, feed the layer above it.
Differs: normal x; gates, weights drawn so that states last for up to a sequence and every layer shows the input.
"""

import math

import torch
import torch.nn as nn

batch_size = 10
seq_len = 512
input_size = 128
hidden_size = 256
num_layers = 6


def draw(gru: nn.GRU) -> None:
    """Draw weights that pass the input on, and gates that remember for one step up to a whole sequence."""
    for name, value in gru.named_parameters():
        if name.startswith("weight"):
            gain = 1.5 if name.startswith("weight_ih") else 0.5
            nn.init.normal_(value, std=gain * value.size(1) ** -0.5)
            continue
        nn.init.normal_(value, std=0.1)
        if name.startswith("bias_ih"):
            _, update_gate, _ = value.detach().chunk(3)
            update_gate += math.log(seq_len) * torch.rand_like(update_gate)


class Model(nn.Module):
    """Bidirectional GRU that returns the sequence of its top layer."""

    def __init__(self, input_size: int, hidden_size: int, num_layers: int) -> None:
        super().__init__()
        self.gru = nn.GRU(input_size, hidden_size, num_layers, bidirectional=True)
        draw(self.gru)

    def forward(self, x: torch.Tensor, h0: torch.Tensor) -> torch.Tensor:
        sequence, _ = self.gru(x, h0)
        return sequence


def get_inputs() -> list:
    return [torch.randn(seq_len, batch_size, input_size), torch.randn(2 * num_layers, batch_size, hidden_size)]


def get_init_inputs() -> list:
    return [input_size, hidden_size, num_layers]


TIERS = {
    "cpu": {"seq_len": 24},
    "ci": {"batch_size": 4, "seq_len": 12, "input_size": 48, "hidden_size": 64, "num_layers": 3},
}
UNSEEN = [
    {"batch_size": 3, "seq_len": 17, "input_size": 37, "hidden_size": 41, "num_layers": 2},
    {"batch_size": 1, "seq_len": 31, "input_size": 67, "hidden_size": 129, "num_layers": 1},
]
