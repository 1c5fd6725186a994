"""Recurrent network over a sequence: h[t] = tanh(W_h [x[t], h[t - 1]] + b_h), y[t] = W_o h[t] + b_o, for all t.

x: (seq_len, batch_size, input_size), h0: (batch_size, hidden_size) is the state before the first step,
y: (seq_len, batch_size, output_size), float32; [x, h] is their concatenation.
Differs: normal x; wider recurrent weights, so that states last for more than a few steps; biases drawn.
"""

import torch
import torch.nn as nn

batch_size = 8
seq_len = 256
input_size = 1024
hidden_size = 256
output_size = 128


class Model(nn.Module):
    """Recurrent cell with an output layer, unrolled over a sequence."""

    def __init__(self, input_size: int, hidden_size: int, output_size: int) -> None:
        super().__init__()
        self.i2h = nn.Linear(input_size + hidden_size, hidden_size)
        self.h2o = nn.Linear(hidden_size, output_size)
        nn.init.normal_(self.i2h.weight[:, input_size:], std=hidden_size**-0.5)
        nn.init.normal_(self.i2h.bias, std=0.1)
        nn.init.normal_(self.h2o.bias, std=0.1)

    def forward(self, x: torch.Tensor, h0: torch.Tensor) -> torch.Tensor:
        hidden, outputs = h0, []
        for step in x:
            hidden = torch.tanh(self.i2h(torch.cat((step, hidden), dim=1)))
            outputs.append(self.h2o(hidden))
        return torch.stack(outputs)


def get_inputs() -> list:
    return [torch.randn(seq_len, batch_size, input_size), torch.randn(batch_size, hidden_size)]


def get_init_inputs() -> list:
    return [input_size, hidden_size, output_size]


TIERS = {
    "cpu": {"batch_size": 8, "seq_len": 256, "input_size": 512},
    "ci": {"batch_size": 4, "seq_len": 32, "input_size": 128, "hidden_size": 64, "output_size": 48},
}
UNSEEN = [
    {"batch_size": 3, "seq_len": 37, "input_size": 67, "hidden_size": 41, "output_size": 29},
    {"batch_size": 1, "seq_len": 53, "input_size": 131, "hidden_size": 71, "output_size": 33},
]
