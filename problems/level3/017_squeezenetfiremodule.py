"""Fire module of SqueezeNet: a 1 x 1 convolution, then one of 1 x 1 and one of 3 x 3 side by side, joined as channels.

All three have a bias and are followed by a ReLU. x: (batch_size, in_channels, height, width),
y: (batch_size, expand1x1_channels + expand3x3_channels, height, width), float32.
Differs: inputs are normal, upstream's are uniform in [0, 1).
"""

import torch
import torch.nn as nn

batch_size = 128
height = 256
width = 256
in_channels = 3
squeeze_channels = 6
expand1x1_channels = 64
expand3x3_channels = 64


class Model(nn.Module):
    """Squeeze and expand."""

    def __init__(
        self, in_channels: int, squeeze_channels: int, expand1x1_channels: int, expand3x3_channels: int
    ) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(in_channels, squeeze_channels, 1)
        self.expand1x1 = nn.Conv2d(squeeze_channels, expand1x1_channels, 1)
        self.expand3x3 = nn.Conv2d(squeeze_channels, expand3x3_channels, 3, padding=1)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.relu(self.squeeze(x))
        return torch.cat([self.relu(self.expand1x1(x)), self.relu(self.expand3x3(x))], dim=1)


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, height, width)]


def get_init_inputs() -> list:
    return [in_channels, squeeze_channels, expand1x1_channels, expand3x3_channels]


TIERS = {
    "cpu": {"batch_size": 16, "height": 64, "width": 64},
    "ci": {"batch_size": 4, "height": 32, "width": 32, "expand1x1_channels": 16, "expand3x3_channels": 16},
}
UNSEEN = [
    {"batch_size": 3, "height": 17, "width": 29, "in_channels": 5, "squeeze_channels": 7, "expand1x1_channels": 13},
    {"batch_size": 1, "height": 1, "width": 131, "expand1x1_channels": 31, "expand3x3_channels": 37},
]
