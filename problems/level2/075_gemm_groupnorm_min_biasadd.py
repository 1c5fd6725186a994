"""Linear layer, group normalisation with an affine map, minimum over the features, sum with a vector by broadcasting.

z = group_norm(x W^T + b), y[0, c, i, 0] = min over j of z[i, j] + bias[0, c, 0, 0]; every group is
out_features / num_groups neighbouring features, eps is 1e-5.
x: (batch_size, in_features), W: (out_features, in_features), bias: (1, out_features, 1, 1),
y: (1, out_features, batch_size, 1), float32.
Differs: inputs are normal, upstream's are uniform in [0, 1); the norm's weight and bias are random, not ones and zeros.
"""

import torch
import torch.nn as nn

batch_size = 1024
in_features = 8192
out_features = 8192
num_groups = 512


class Model(nn.Module):
    """Linear layer, group normalisation, a minimum per row and a broadcast sum."""

    def __init__(self, in_features: int, out_features: int, num_groups: int, bias_shape: tuple) -> None:
        super().__init__()
        self.gemm = nn.Linear(in_features, out_features)
        self.group_norm = nn.GroupNorm(num_groups, out_features)
        self.bias = nn.Parameter(torch.randn(bias_shape))
        nn.init.uniform_(self.group_norm.weight, 0.5, 1.5)
        nn.init.normal_(self.group_norm.bias, std=0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.group_norm(self.gemm(x))
        x = torch.min(x, dim=1, keepdim=True).values
        return x + self.bias


def get_inputs() -> list:
    return [torch.randn(batch_size, in_features)]


def get_init_inputs() -> list:
    return [in_features, out_features, num_groups, (1, out_features, 1, 1)]


TIERS = {
    "cpu": {"batch_size": 128, "in_features": 2048, "out_features": 2048, "num_groups": 128},
    "ci": {"batch_size": 32, "in_features": 256, "out_features": 128, "num_groups": 8},
}
UNSEEN = [
    {"batch_size": 17, "in_features": 131, "out_features": 91, "num_groups": 7},
    {"batch_size": 1, "in_features": 509, "out_features": 67, "num_groups": 1},
]
