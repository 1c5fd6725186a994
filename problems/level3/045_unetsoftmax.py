"""U-Net with a softmax over channels as activation: four levels down, a bottleneck, four levels up, a 1 x 1 conv.

x: (batch_size, in_channels, height, width), y: (batch_size, out_channels, height, width), float32. A step is, twice, a
3 x 3 convolution (padding 1), batch norm with batch statistics, softmax over channels. Each level down doubles the
channels, from `features` on, and is followed by 2 x 2 max pooling; each level up is a 2 x 2 transposed convolution with
stride 2 that halves the channels, a concatenation with the result of the level down of that size, and a step.
Differs: softmax over channels, upstream's over width cancels the norms' biases; normal x; norms, weights drawn to fit.
"""

import torch
import torch.nn as nn

batch_size = 8
in_channels = 8
out_channels = 4
features = 64
height = 64
width = 512


def double_conv(in_channels: int, out_channels: int) -> nn.Sequential:
    """Return two convolutions, each with batch norm and softmax."""
    layers: list[nn.Module] = []
    for channels in (in_channels, out_channels):
        conv = nn.Conv2d(channels, out_channels, kernel_size=3, padding=1)
        norm = nn.BatchNorm2d(out_channels)
        nn.init.normal_(conv.weight, std=channels**0.5 / 3)
        nn.init.uniform_(norm.weight, 0.2, 0.4)
        nn.init.normal_(norm.bias, std=0.3)
        layers += [conv, norm, nn.Softmax(dim=1)]
    return nn.Sequential(*layers)


class Model(nn.Module):
    """Encoder, bottleneck and decoder with skip connections."""

    def __init__(self, in_channels: int, out_channels: int, features: int) -> None:
        super().__init__()
        widths = [features * 2**level for level in range(5)]
        self.encoders = nn.ModuleList(
            [double_conv(before, after) for before, after in zip([in_channels, *widths[:3]], widths[:4], strict=True)]
        )
        self.pool = nn.MaxPool2d(kernel_size=2, stride=2)
        self.bottleneck = double_conv(widths[3], widths[4])
        self.upconvs = nn.ModuleList(
            [nn.ConvTranspose2d(2 * after, after, kernel_size=2, stride=2) for after in widths[3::-1]]
        )
        self.decoders = nn.ModuleList([double_conv(2 * after, after) for after in widths[3::-1]])
        self.final_conv = nn.Conv2d(features, out_channels, kernel_size=1)
        for upconv in self.upconvs:
            nn.init.normal_(upconv.weight, std=2 * upconv.in_channels**-0.5)
            nn.init.normal_(upconv.bias, std=1 / upconv.in_channels)
        nn.init.normal_(self.final_conv.weight, std=features**0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        skips = []
        for encoder in self.encoders:
            skips.append(encoder(x))
            x = self.pool(skips[-1])
        x = self.bottleneck(x)
        for upconv, decoder in zip(self.upconvs, self.decoders, strict=True):
            x = decoder(torch.cat((upconv(x), skips.pop()), dim=1))
        return self.final_conv(x)


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, height, width)]


def get_init_inputs() -> list:
    return [in_channels, out_channels, features]


TIERS = {
    "cpu": {"batch_size": 2, "features": 16, "height": 32, "width": 256},
    "ci": {"batch_size": 2, "features": 8, "height": 32, "width": 64},
}
UNSEEN = [
    {"batch_size": 3, "in_channels": 3, "out_channels": 5, "features": 7, "height": 16, "width": 48},
    {"batch_size": 1, "in_channels": 1, "out_channels": 2, "features": 5, "height": 48, "width": 80},
]
