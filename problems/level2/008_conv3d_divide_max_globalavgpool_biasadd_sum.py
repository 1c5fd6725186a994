"""3D convolution, division, max pooling, mean over all that is left of a channel, plus a bias, summed over `sum_dim`.

x: (batch_size, in_channels, depth, height, width), bias: (out_channels, 1, 1, 1), y: (batch_size, 1, 1, 1), all
float32. The mean keeps depth, height and width as dimensions of size 1, the sum over the channels drops theirs.
Differs: normal inputs, log-normal scale per sample and row: uniform ones average out to one constant per weight set.
"""

import torch
import torch.nn as nn

batch_size = 128
in_channels = 8
out_channels = 16
depth = 16
height = 64
width = 64
kernel_size = (3, 3, 3)
divisor = 2.0
pool_size = (2, 2, 2)
bias_shape = (out_channels, 1, 1, 1)
sum_dim = 1


class Model(nn.Module):
    """Convolution, division, max pooling, global mean, bias and sum."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: tuple,
        divisor: float,
        pool_size: tuple,
        bias_shape: tuple,
        sum_dim: int,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv3d(in_channels, out_channels, kernel_size)
        self.divisor = divisor
        self.max_pool = nn.MaxPool3d(pool_size)
        self.bias = nn.Parameter(torch.randn(bias_shape))
        self.sum_dim = sum_dim

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.max_pool(self.conv(x) / self.divisor)
        x = x.mean(dim=(2, 3, 4), keepdim=True)
        return torch.sum(x + self.bias, dim=self.sum_dim)


def get_inputs() -> list:
    scale = torch.randn(batch_size, 1, 1, 1, 1) + torch.randn(batch_size, 1, depth, height, 1)
    return [scale.exp() * torch.randn(batch_size, in_channels, depth, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, divisor, pool_size, bias_shape, sum_dim]


TIERS = {
    "cpu": {"batch_size": 8, "depth": 16, "height": 32, "width": 32},
    "ci": {"batch_size": 8, "in_channels": 4, "depth": 8, "height": 16, "width": 16},
}
UNSEEN = [
    {"batch_size": 5, "in_channels": 3, "out_channels": 7, "depth": 7, "height": 17, "width": 13},
    {"batch_size": 1, "in_channels": 1, "out_channels": 19, "depth": 4, "height": 5, "width": 67},
]
