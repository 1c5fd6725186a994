"""Linear layer, a second bias, Hardtanh, Mish, group normalisation.

h = clamp(x W^T + linear_bias + bias, -1, 1); y = group_norm(h * tanh(log(1 + e^h))): of each sample, num_groups runs of
neighbouring features are normalised with sqrt(var + 1e-5) (var divides by the number of values), then follow weight
and bias per feature.
x: (batch_size, in_features), bias: (out_features,), y: (batch_size, out_features), float32.
Differs: inputs are normal, upstream's are uniform in [0, 1); the affine parameters are random, upstream's 1 and 0.
"""

import torch
import torch.nn as nn

batch_size = 1024
in_features = 8192
out_features = 8192
num_groups = 256


class Model(nn.Module):
    """Matrix product, bias, Hardtanh, Mish, group norm."""

    def __init__(self, in_features: int, out_features: int, bias_shape: tuple, num_groups: int) -> None:
        super().__init__()
        self.gemm = nn.Linear(in_features, out_features)
        self.bias = nn.Parameter(torch.randn(bias_shape))
        self.group_norm = nn.GroupNorm(num_groups, out_features)
        nn.init.uniform_(self.group_norm.weight, 0.5, 1.5)
        nn.init.normal_(self.group_norm.bias, std=0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.gemm(x) + self.bias
        x = nn.functional.hardtanh(x)
        x = nn.functional.mish(x)
        return self.group_norm(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, in_features)]


def get_init_inputs() -> list:
    return [in_features, out_features, (out_features,), num_groups]


TIERS = {
    "cpu": {"batch_size": 192, "in_features": 2048, "out_features": 2048, "num_groups": 64},
    "ci": {"batch_size": 32, "in_features": 256, "out_features": 128, "num_groups": 4},
}
UNSEEN = [
    {"batch_size": 19, "in_features": 131, "out_features": 77, "num_groups": 7},
    {"batch_size": 1, "in_features": 509, "out_features": 95, "num_groups": 5},
]
