"""3D convolution, max pooling, logsumexp over the channels, ReLU.

x: (batch_size, in_channels, depth, height, width), y: (batch_size, 1, depth // 2, height // 2, width // 2), float32:
a 3 x 3 x 3 kernel that keeps the size, then windows of 2 x 2 x 2 without overlap. The channel axis stays, with size 1.
The logits spread over several units, so that logsumexp has no single shortcut (neither maximum nor mean).
Differs: normal inputs, seven times as wide; conv biases near -12, as upstream's logsumexp is positive and ReLU idle.
"""

import torch
import torch.nn as nn

batch_size = 4
in_channels = 32
out_channels = 64
depth = 32
height = 128
width = 128
kernel_size = 3
stride = 1
padding = 1


class Model(nn.Module):
    """Convolution, max pooling, logsumexp over channels and ReLU."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, stride: int, padding: int) -> None:
        super().__init__()
        self.conv = nn.Conv3d(in_channels, out_channels, kernel_size, stride=stride, padding=padding)
        self.max_pool = nn.MaxPool3d(kernel_size=2, stride=2)
        nn.init.normal_(self.conv.bias, mean=-12.0, std=0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.max_pool(self.conv(x))
        x = torch.logsumexp(x, dim=1, keepdim=True)
        return torch.relu(x)


def get_inputs() -> list:
    return [7 * torch.randn(batch_size, in_channels, depth, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, kernel_size, stride, padding]


TIERS = {
    "cpu": {"batch_size": 3, "in_channels": 16, "out_channels": 32, "depth": 16, "height": 32, "width": 32},
    "ci": {"batch_size": 4, "in_channels": 8, "out_channels": 32, "depth": 8, "height": 16, "width": 16},
}
UNSEEN = [
    {"batch_size": 3, "in_channels": 5, "out_channels": 29, "depth": 7, "height": 13, "width": 22},
    {"batch_size": 1, "in_channels": 3, "out_channels": 37, "depth": 2, "height": 35, "width": 17},
]
