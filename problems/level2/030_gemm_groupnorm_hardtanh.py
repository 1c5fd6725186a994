"""Linear layer, group normalisation of each row, values clamped to [hardtanh_min, hardtanh_max].

x: (batch_size, in_features), y: (batch_size, out_features), W: (out_features, in_features), float32. A group is a
run of out_features / num_groups neighbouring values of one row; the norm's weight and bias are (out_features,).
Differs: normal inputs; affine parameters random (upstream: ones and zeros, so that ignoring them is right).
"""

import torch
import torch.nn as nn

batch_size = 1024
in_features = 8192
out_features = 8192
num_groups = 16
hardtanh_min = -2.0
hardtanh_max = 2.0


class Model(nn.Module):
    """Linear layer, group normalisation and HardTanh."""

    def __init__(
        self, in_features: int, out_features: int, num_groups: int, hardtanh_min: float, hardtanh_max: float
    ) -> None:
        super().__init__()
        self.gemm = nn.Linear(in_features, out_features)
        self.group_norm = nn.GroupNorm(num_groups, out_features)
        self.hardtanh = nn.Hardtanh(min_val=hardtanh_min, max_val=hardtanh_max)
        nn.init.uniform_(self.group_norm.weight, 0.5, 1.5)
        nn.init.normal_(self.group_norm.bias, std=0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.group_norm(self.gemm(x))
        return self.hardtanh(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, in_features)]


def get_init_inputs() -> list:
    return [in_features, out_features, num_groups, hardtanh_min, hardtanh_max]


TIERS = {
    "cpu": {"batch_size": 192, "in_features": 2048, "out_features": 2048},
    "ci": {"batch_size": 32, "in_features": 256, "out_features": 512},
}
UNSEEN = [
    {"batch_size": 19, "in_features": 127, "out_features": 77, "num_groups": 7},
    {"batch_size": 1, "in_features": 251, "out_features": 345, "num_groups": 3},
]
