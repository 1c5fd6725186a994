"""Linear layer, group normalisation, Swish, a weight per feature, Swish: y = swish(swish(n) * multiply_weight).

n = group_norm(x W^T + bias): of each sample, num_groups runs of neighbouring features are normalised with
sqrt(var + 1e-5) (var divides by the number of values), then follow weight and bias per feature.
x: (batch_size, in_features), multiply_weight: (out_features,), y: (batch_size, out_features), float32.
Differs: inputs are normal, upstream's are uniform in [0, 1); the affine parameters are random, upstream's 1 and 0.
"""

import torch
import torch.nn as nn

batch_size = 1024
in_features = 8192
out_features = 8192
num_groups = 256


class Model(nn.Module):
    """Matrix product, group norm, Swish, multiplication, Swish."""

    def __init__(self, in_features: int, out_features: int, num_groups: int, multiply_weight_shape: tuple) -> None:
        super().__init__()
        self.gemm = nn.Linear(in_features, out_features)
        self.group_norm = nn.GroupNorm(num_groups, out_features)
        nn.init.uniform_(self.group_norm.weight, 0.5, 1.5)
        nn.init.normal_(self.group_norm.bias, std=0.5)
        self.multiply_weight = nn.Parameter(torch.randn(multiply_weight_shape))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.group_norm(self.gemm(x))
        x = x * torch.sigmoid(x)
        x = x * self.multiply_weight
        return x * torch.sigmoid(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, in_features)]


def get_init_inputs() -> list:
    return [in_features, out_features, num_groups, (out_features,)]


TIERS = {
    "cpu": {"batch_size": 192, "in_features": 2048, "out_features": 2048, "num_groups": 64},
    "ci": {"batch_size": 32, "in_features": 256, "out_features": 128, "num_groups": 4},
}
UNSEEN = [
    {"batch_size": 19, "in_features": 131, "out_features": 77, "num_groups": 7},
    {"batch_size": 1, "in_features": 509, "out_features": 95, "num_groups": 5},
]
