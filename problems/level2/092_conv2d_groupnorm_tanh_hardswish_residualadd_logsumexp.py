"""2D convolution, group normalisation, tanh, Hardswish, the convolution's output added, log-sum-exp over the channels.

c = conv2d(x); y = log(sum over dim 1 of exp(c + hardswish(tanh(group_norm(c)))));
hardswish(z) = z * clamp(z + 3, 0, 6) / 6;
group_norm divides by sqrt(var + eps) of each sample and group (var divides by the number of values), eps is 1e-5, then
applies weight and bias per channel.
x: (batch_size, in_channels, height, width), y: (batch_size, 1, height', width') with size' = size - kernel_size + 1,
float32.
Differs: normal inputs of scale 3, as y hardly varies with upstream's in [0, 1); random affine, upstream's is 1 and 0.
"""

import torch
import torch.nn as nn

batch_size = 128
in_channels = 8
out_channels = 64
height = 128
width = 128
kernel_size = 3
groups = 16


class Model(nn.Module):
    """Convolution, group norm, tanh, Hardswish, residual, log-sum-exp."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, groups: int, eps: float = 1e-5) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, kernel_size)
        self.group_norm = nn.GroupNorm(groups, out_channels, eps=eps)
        nn.init.uniform_(self.group_norm.weight, 0.5, 1.5)
        nn.init.normal_(self.group_norm.bias, std=0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        residual = self.conv(x)
        x = torch.tanh(self.group_norm(residual))
        x = residual + nn.functional.hardswish(x)
        return torch.logsumexp(x, dim=1, keepdim=True)


def get_inputs() -> list:
    return [3 * torch.randn(batch_size, in_channels, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, groups]


TIERS = {
    "cpu": {"batch_size": 12, "height": 64, "width": 64},
    "ci": {"batch_size": 2, "out_channels": 32, "height": 34, "width": 34, "groups": 8},
}
UNSEEN = [
    {"batch_size": 1, "in_channels": 3, "out_channels": 21, "height": 37, "width": 23, "groups": 7},
    {"batch_size": 3, "in_channels": 5, "out_channels": 20, "height": 13, "width": 41, "groups": 5},
]
