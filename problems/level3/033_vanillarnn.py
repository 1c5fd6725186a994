"""One step of a recurrent network, h = tanh(W_h [x, h0] + b_h), and its output y = W_o h + b_o.

x: (batch_size, input_size), h0: (batch_size, hidden_size), y: (batch_size, output_size), float32; [x, h0] is their
concatenation. The new hidden state h is not returned and not kept.
Differs: normal x; the model keeps no state from call to call, h0 is used whenever it is given.
"""

import torch
import torch.nn as nn

batch_size = 256
input_size = 16384
hidden_size = 16384
output_size = 8192


class Model(nn.Module):
    """Recurrent cell with an output layer."""

    def __init__(self, input_size: int, hidden_size: int, output_size: int) -> None:
        super().__init__()
        self.i2h = nn.Linear(input_size + hidden_size, hidden_size)
        self.h2o = nn.Linear(hidden_size, output_size)
        nn.init.normal_(self.i2h.bias, std=0.1)
        nn.init.normal_(self.h2o.bias, std=0.1)

    def forward(self, x: torch.Tensor, h0: torch.Tensor) -> torch.Tensor:
        hidden = torch.tanh(self.i2h(torch.cat((x, h0), dim=1)))
        return self.h2o(hidden)


def get_inputs() -> list:
    return [torch.randn(batch_size, input_size), torch.randn(batch_size, hidden_size)]


def get_init_inputs() -> list:
    return [input_size, hidden_size, output_size]


TIERS = {
    "cpu": {"batch_size": 64, "input_size": 2048, "hidden_size": 2048, "output_size": 1024},
    "ci": {"batch_size": 32, "input_size": 256, "hidden_size": 256, "output_size": 128},
}
UNSEEN = [
    {"batch_size": 17, "input_size": 131, "hidden_size": 67, "output_size": 35},
    {"batch_size": 1, "input_size": 33, "hidden_size": 509, "output_size": 257},
]
