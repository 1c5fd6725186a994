"""Linear layer, logsumexp over the features, leaky ReLU twice, GELU twice (its exact, erf form).

y[i, 0] = gelu(gelu(leaky(leaky(log(sum over j of exp((x W^T + b)[i, j]))))), leaky(v) = v if v > 0, else 0.3 * v.
x: (batch_size, in_features), W: (out_features, in_features), b: (out_features,), y: (batch_size, 1), float32.
Products of standard deviation 6 let the largest features decide each sum; the mean of b brings its logarithm about 1.
Differs: normal inputs, std 10; b lowered: upstream's activations change nothing; slope 0.3: 0.01 twice leaves about 0.
"""

import math

import torch
import torch.nn as nn

batch_size = 1024
in_features = 8192
out_features = 8192
negative_slope = 0.3


class Model(nn.Module):
    """Linear layer, logsumexp per row and four activations."""

    def __init__(self, in_features: int, out_features: int) -> None:
        super().__init__()
        self.linear = nn.Linear(in_features, out_features)
        self.negative_slope = negative_slope
        nn.init.normal_(self.linear.bias, mean=3 - 6 * math.sqrt(2 * math.log(out_features)), std=0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.logsumexp(self.linear(x), dim=1, keepdim=True)
        x = nn.functional.leaky_relu(x, self.negative_slope)
        x = nn.functional.leaky_relu(x, self.negative_slope)
        x = nn.functional.gelu(x)
        return nn.functional.gelu(x)


def get_inputs() -> list:
    return [10.0 * torch.randn(batch_size, in_features)]


def get_init_inputs() -> list:
    return [in_features, out_features]


TIERS = {
    "cpu": {"batch_size": 128, "in_features": 2048, "out_features": 2048},
    "ci": {"batch_size": 128, "in_features": 512, "out_features": 256},
}
UNSEEN = [
    {"batch_size": 61, "in_features": 251, "out_features": 127},
    {"batch_size": 1, "in_features": 1021, "out_features": 67},
]
