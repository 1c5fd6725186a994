"""Transposed 3D convolution, layer normalisation along the width, GELU in its exact (erf) form, a constant factor.

x: (batch_size, in_channels, depth, height, width), y: (batch_size, out_channels, 2 * depth, 2 * height, 2 * width)
for kernel 4, stride 2 and padding 1, float32. The norm has out_channels weights and runs over the LAST axis, the
output's width, which must be of that size; it therefore cancels the convolution's bias.
Differs: normal inputs; affine parameters random; scaling_factor 1.5, as upstream's 1.0 does nothing.
"""

import torch
import torch.nn as nn

batch_size = 32
in_channels = 32
depth = 16
height = 32
width = 32
kernel_size = 4
stride = 2
padding = 1
bias = True
eps = 1e-5
scaling_factor = 1.5
out_channels = (width - 1) * stride - 2 * padding + kernel_size


class Model(nn.Module):
    """Transposed convolution, layer normalisation, GELU and scaling."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int,
        padding: int,
        bias: bool,
        eps: float,
        scaling_factor: float,
    ) -> None:
        super().__init__()
        self.conv_transpose = nn.ConvTranspose3d(
            in_channels, out_channels, kernel_size, stride=stride, padding=padding, bias=bias
        )
        self.layer_norm = nn.LayerNorm(out_channels, eps=eps)
        self.scaling_factor = scaling_factor
        nn.init.uniform_(self.layer_norm.weight, 0.5, 1.5)
        nn.init.normal_(self.layer_norm.bias, std=0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.layer_norm(self.conv_transpose(x))
        return nn.functional.gelu(x) * self.scaling_factor


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, depth, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, stride, padding, bias, eps, scaling_factor]


TIERS = {
    "cpu": {"batch_size": 4, "in_channels": 16, "depth": 8, "height": 16, "width": 24},
    "ci": {"batch_size": 2, "in_channels": 8, "depth": 3, "height": 4, "width": 16},
}
UNSEEN = [
    {"batch_size": 3, "in_channels": 5, "depth": 2, "height": 3, "width": 13},
    {"batch_size": 1, "in_channels": 1, "depth": 1, "height": 5, "width": 19},
]
