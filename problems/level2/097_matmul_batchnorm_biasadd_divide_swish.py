"""Linear layer, batch normalisation, one bias for all, division by a number, Swish: y = d * sigmoid(d).

d = ((z - mean(z)) / sqrt(var(z) + bn_eps) * weight + bn_bias + bias) / divide_value with z = x W^T + linear_bias, where
mean and var are each feature's over the batch (var divides by batch_size). The bias of the linear layer cancels.
x: (batch_size, in_features), bias: (1,), y: (batch_size, out_features), float32.
Differs: normal inputs; random affine; divide_value is 1.5, upstream's 1.0 changes nothing.
"""

import torch
import torch.nn as nn

batch_size = 1024
in_features = 8192
out_features = 8192
bn_eps = 1e-5
bn_momentum = 0.1
divide_value = 1.5


class Model(nn.Module):
    """Matrix product, batch norm with the batch's statistics, bias, division, Swish."""

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bn_eps: float = 1e-5,
        bn_momentum: float = 0.1,
        bias_shape: tuple = (1,),
        divide_value: float = 1.0,
    ) -> None:
        super().__init__()
        self.matmul = nn.Linear(in_features, out_features)
        self.bn = nn.BatchNorm1d(out_features, eps=bn_eps, momentum=bn_momentum)
        nn.init.uniform_(self.bn.weight, 0.5, 1.5)
        nn.init.normal_(self.bn.bias, std=0.5)
        self.bias = nn.Parameter(0.5 + torch.rand(bias_shape))
        self.divide_value = divide_value

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.bn(self.matmul(x))
        x = (x + self.bias) / self.divide_value
        return x * torch.sigmoid(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, in_features)]


def get_init_inputs() -> list:
    return [in_features, out_features, bn_eps, bn_momentum, (1,), divide_value]


TIERS = {
    "cpu": {"batch_size": 192, "in_features": 2048, "out_features": 2048},
    "ci": {"batch_size": 32, "in_features": 256, "out_features": 128},
}

UNSEEN = [
    {"batch_size": 17, "in_features": 131, "out_features": 67},
    {"batch_size": 3, "in_features": 509, "out_features": 33},
]
