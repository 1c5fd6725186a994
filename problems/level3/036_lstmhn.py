"""Stacked LSTM over a sequence from a given state; the result is every layer's hidden state after the last step.

x: (batch_size, sequence_length, input_size), h0, c0: (num_layers, batch_size, hidden_size),
the result like h0, float32. A layer computes gates i, f, o = sigmoid(W x + U h + b) and g = tanh(W x + U h + b), then
c = f c + i g and h = o tanh(c), and feeds h to the layer above it. dropout is 0.
`fc` is applied to the top layer's last output; its mean per sample is added to that sample's result.
Differs: fc is added, upstream drops its result; normal x; gates and weights drawn so that all inputs count.
"""

import math

import torch
import torch.nn as nn

batch_size = 10
sequence_length = 512
input_size = 128
hidden_size = 256
num_layers = 6
output_size = 10
dropout = 0.0


def draw(lstm: nn.LSTM) -> None:
    """Draw weights that pass the input on, and gates that remember for one step up to a whole sequence."""
    for name, value in lstm.named_parameters():
        if name.startswith("weight"):
            gain = 1.5 if name.startswith("weight_ih") else 0.5
            nn.init.normal_(value, std=gain * value.size(1) ** -0.5)
            continue
        nn.init.normal_(value, std=0.1)
        if name.startswith("bias_ih"):
            input_gate, forget_gate, _, _ = value.detach().chunk(4)
            memory = math.log(sequence_length) * torch.rand_like(forget_gate)
            forget_gate += memory
            input_gate -= 0.75 * memory


class Model(nn.Module):
    """LSTM that returns its last hidden states."""

    def __init__(
        self, input_size: int, hidden_size: int, num_layers: int, output_size: int, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.lstm = nn.LSTM(input_size, hidden_size, num_layers, batch_first=True, dropout=dropout)
        self.fc = nn.Linear(hidden_size, output_size)
        draw(self.lstm)

    def forward(self, x: torch.Tensor, h0: torch.Tensor, c0: torch.Tensor) -> torch.Tensor:
        out, (hidden, _) = self.lstm(x, (h0, c0))
        return hidden + self.fc(out[:, -1]).mean(dim=1, keepdim=True)


def get_inputs() -> list:
    state_shape = (num_layers, batch_size, hidden_size)
    x = torch.randn(batch_size, sequence_length, input_size)
    return [x, torch.randn(state_shape), torch.randn(state_shape)]


def get_init_inputs() -> list:
    return [input_size, hidden_size, num_layers, output_size, dropout]


TIERS = {
    "cpu": {"sequence_length": 80},
    "ci": {
        "batch_size": 4,
        "sequence_length": 24,
        "input_size": 48,
        "hidden_size": 64,
        "num_layers": 3,
        "output_size": 256,
    },
}
UNSEEN = [
    {"batch_size": 3, "sequence_length": 19, "input_size": 37, "hidden_size": 41, "num_layers": 2, "output_size": 131},
    {"batch_size": 1, "sequence_length": 47, "input_size": 67, "hidden_size": 29, "num_layers": 1, "output_size": 7},
]
