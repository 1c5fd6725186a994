"""Linear layer, average over runs of pool_kernel_size features, GELU in its exact (erf) form, scaling, row maximum.

y[b] = max over runs r of gelu(mean of (x W^T + bias)[b, r]) * scale_factor; an incomplete run at the end is dropped.
x: (batch_size, in_features), W: (out_features, in_features), y: (batch_size,), float32.
Differs: inputs are normal, with a scale of its own for every row; upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 1024
in_features = 8192
out_features = 8192
pool_kernel_size = 16
scale_factor = 2.0


class Model(nn.Module):
    """Matrix product, average pool along the features, GELU, scale, row maximum."""

    def __init__(self, in_features: int, out_features: int, pool_kernel_size: int, scale_factor: float) -> None:
        super().__init__()
        self.matmul = nn.Linear(in_features, out_features)
        self.avg_pool = nn.AvgPool1d(pool_kernel_size)
        self.scale_factor = scale_factor

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.matmul(x)
        x = self.avg_pool(x.unsqueeze(1)).squeeze(1)
        x = nn.functional.gelu(x) * self.scale_factor
        return x.amax(dim=1)


def get_inputs() -> list:
    scale = 1 + 3 * torch.rand(batch_size, 1)
    return [scale * torch.randn(batch_size, in_features)]


def get_init_inputs() -> list:
    return [in_features, out_features, pool_kernel_size, scale_factor]


TIERS = {
    "cpu": {"batch_size": 192, "in_features": 2048, "out_features": 2048},
    "ci": {"batch_size": 128, "in_features": 256, "out_features": 256},
}
UNSEEN = [
    {"batch_size": 19, "in_features": 131, "out_features": 103},
    {"batch_size": 1, "in_features": 509, "out_features": 77, "pool_kernel_size": 7},
]
