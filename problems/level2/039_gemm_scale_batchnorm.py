"""Linear layer, every feature multiplied by a learned scale, then batch normalisation over the batch.

z = (x W^T + b) * scale, y = (z - mean(z)) / sqrt(var(z) + eps) * weight + bias, where mean and the biased variance
run over the 16384 rows of the batch. x: (batch_size, in_features), y: (batch_size, out_features), float32;
scale, weight, bias and b: (out_features,). The normalisation cancels b, and for var(z) >> eps all but scale's sign.
Differs: normal inputs; scale has standard deviation 0.01, so that eps counts and its size matters; random affine.
"""

import torch
import torch.nn as nn

batch_size = 16384
in_features = 4096
out_features = 4096
scale_shape = (out_features,)


class Model(nn.Module):
    """Linear layer, scaling and batch normalisation."""

    def __init__(
        self, in_features: int, out_features: int, scale_shape: tuple, eps: float = 1e-5, momentum: float = 0.1
    ) -> None:
        super().__init__()
        self.gemm = nn.Linear(in_features, out_features)
        self.scale = nn.Parameter(0.01 * torch.randn(scale_shape))
        self.bn = nn.BatchNorm1d(out_features, eps=eps, momentum=momentum)
        nn.init.uniform_(self.bn.weight, 0.5, 1.5)
        nn.init.normal_(self.bn.bias, std=0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.gemm(x) * self.scale
        return self.bn(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, in_features)]


def get_init_inputs() -> list:
    return [in_features, out_features, scale_shape]


TIERS = {
    "cpu": {"batch_size": 1536, "in_features": 768, "out_features": 768},
    "ci": {"batch_size": 512, "in_features": 128, "out_features": 192},
}
UNSEEN = [
    {"batch_size": 1021, "in_features": 61, "out_features": 37},
    {"batch_size": 131, "in_features": 97, "out_features": 1},
]
