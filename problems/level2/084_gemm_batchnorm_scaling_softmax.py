"""Linear layer, batch normalisation, scaling, softmax over the features.

z = x W^T + bias; n = (z - mean(z)) / sqrt(var(z) + bn_eps) * weight + bias, where mean and var are each feature's over
the batch (var divides by batch_size); y = softmax(scale * n) along the rows. The bias of the linear layer cancels.
x: (batch_size, in_features), scale: (1,), y: (batch_size, out_features), float32.
Differs: normal inputs; random affine; scale of 3 to 5, upstream's of 1 changes nothing and leaves y near 1 / features.
"""

import torch
import torch.nn as nn

batch_size = 1024
in_features = 8192
out_features = 8192
bn_eps = 1e-5
bn_momentum = 0.1


class Model(nn.Module):
    """Matrix product, batch norm with the batch's statistics, scale, softmax."""

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bn_eps: float = 1e-5,
        bn_momentum: float = 0.1,
        scale_shape: tuple = (1,),
    ) -> None:
        super().__init__()
        self.gemm = nn.Linear(in_features, out_features)
        self.bn = nn.BatchNorm1d(out_features, eps=bn_eps, momentum=bn_momentum)
        nn.init.uniform_(self.bn.weight, 0.5, 1.5)
        nn.init.normal_(self.bn.bias, std=0.5)
        self.scale = nn.Parameter(3 + 2 * torch.rand(scale_shape))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.bn(self.gemm(x))
        x = self.scale * x
        return torch.softmax(x, dim=1)


def get_inputs() -> list:
    return [torch.randn(batch_size, in_features)]


def get_init_inputs() -> list:
    return [in_features, out_features, bn_eps, bn_momentum, (1,)]


TIERS = {
    "cpu": {"batch_size": 192, "in_features": 2048, "out_features": 2048},
    "ci": {"batch_size": 32, "in_features": 256, "out_features": 128},
}

UNSEEN = [
    {"batch_size": 17, "in_features": 131, "out_features": 67},
    {"batch_size": 3, "in_features": 61, "out_features": 509},
]
