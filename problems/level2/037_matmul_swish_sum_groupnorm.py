"""Linear layer, Swish, a bias added, then group normalisation of each row.

z = x W^T + b, s = sigmoid(z) * z + bias; every group of out_features / num_groups neighbouring values of a row of s
is normalised to mean 0 and variance 1, followed by an affine map per feature.
x: (batch_size, in_features), y: (batch_size, out_features), all vectors (out_features,), float32.
Differs: normal inputs, twice as wide; affine parameters random (upstream: ones and zeros).
"""

import torch
import torch.nn as nn

batch_size = 32768
in_features = 1024
out_features = 4096
num_groups = 64
bias_shape = (out_features,)


class Model(nn.Module):
    """Linear layer, Swish, bias and group normalisation."""

    def __init__(self, in_features: int, out_features: int, num_groups: int, bias_shape: tuple) -> None:
        super().__init__()
        self.matmul = nn.Linear(in_features, out_features)
        self.bias = nn.Parameter(torch.empty(bias_shape))
        self.group_norm = nn.GroupNorm(num_groups, out_features)
        nn.init.normal_(self.bias, std=0.5)
        nn.init.uniform_(self.group_norm.weight, 0.5, 1.5)
        nn.init.normal_(self.group_norm.bias, std=0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.matmul(x)
        x = torch.sigmoid(x) * x + self.bias
        return self.group_norm(x)


def get_inputs() -> list:
    return [2 * torch.randn(batch_size, in_features)]


def get_init_inputs() -> list:
    return [in_features, out_features, num_groups, bias_shape]


TIERS = {
    "cpu": {"batch_size": 1024, "in_features": 256, "out_features": 1024, "num_groups": 16},
    "ci": {"batch_size": 128, "in_features": 64, "out_features": 256, "num_groups": 8},
}
UNSEEN = [
    {"batch_size": 127, "in_features": 61, "out_features": 77, "num_groups": 7},
    {"batch_size": 1, "in_features": 131, "out_features": 1005, "num_groups": 15},
]
