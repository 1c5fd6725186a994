"""Swin MLP: a Swin transformer whose window attention is a grouped linear map over the tokens of a window.

img: (batch_size, in_channels, image_size, image_size), y: (batch_size, num_classes), float32. Patches are embedded and
normalised; every stage has depths[i] blocks, each x += spatial(norm(x)), x += mlp(norm(x)); between stages 2 x 2 tokens
merge into one of twice the width; the final norm, the mean over all tokens and a linear head follow. The spatial map
has one matrix per head, over window_size^2 tokens; odd blocks pad the map by (window_size - shift, shift) first, with a
shift of window_size // 2, so that windows straddle, and crop afterwards. A map no larger than a window is one window.
Differs: normal inputs with a random tint per image; norms drawn; no stochastic depth.
"""

import torch
import torch.nn as nn

batch_size = 10
image_size = 224
patch_size = 4
in_channels = 3
num_classes = 1000
embed_dim = 96
depths = [2, 2, 6, 2]
num_heads = [3, 6, 12, 24]
window_size = 7
mlp_ratio = 4


def draw(module: nn.Module) -> None:
    """Draw the affine parameters of the norms at random."""
    if isinstance(module, nn.LayerNorm):
        nn.init.uniform_(module.weight, 0.5, 1.5)
        nn.init.normal_(module.bias, std=0.2)


class Block(nn.Module):
    """Spatial map within windows, then a perceptron per token, each with a norm before it and a residual around it."""

    def __init__(self, dim: int, resolution: int, heads: int, window: int, shift: int) -> None:
        super().__init__()
        self.heads = heads
        self.window = min(window, resolution)
        self.shift = shift if resolution > window else 0
        self.norm1 = nn.LayerNorm(dim)
        self.spatial = nn.Conv1d(heads * self.window**2, heads * self.window**2, kernel_size=1, groups=heads)
        self.norm2 = nn.LayerNorm(dim)
        self.mlp = nn.Sequential(nn.Linear(dim, mlp_ratio * dim), nn.GELU(), nn.Linear(mlp_ratio * dim, dim))

    def mix(self, x: torch.Tensor) -> torch.Tensor:
        """Apply the spatial map to each window of x: (batch, height, width, dim)."""
        batch, height, width, dim = x.shape
        before, window = self.window - self.shift, self.window
        if self.shift:
            x = nn.functional.pad(x, (0, 0, before, self.shift, before, self.shift))
        rows, columns = x.size(1) // window, x.size(2) // window
        x = x.view(batch, rows, window, columns, window, self.heads, dim // self.heads).permute(0, 1, 3, 5, 2, 4, 6)
        x = self.spatial(x.reshape(batch * rows * columns, self.heads * window * window, dim // self.heads))
        x = x.view(batch, rows, columns, self.heads, window, window, dim // self.heads).permute(0, 1, 4, 2, 5, 3, 6)
        x = x.reshape(batch, rows * window, columns * window, dim)
        return x[:, before : before + height, before : before + width] if self.shift else x

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.mix(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class PatchMerging(nn.Module):
    """Concatenate the channels of 2 x 2 tokens, normalise, and halve them."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(4 * dim)
        self.reduction = nn.Linear(4 * dim, 2 * dim, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.cat((x[:, ::2, ::2], x[:, 1::2, ::2], x[:, ::2, 1::2], x[:, 1::2, 1::2]), dim=-1)
        return self.reduction(self.norm(x))


class Model(nn.Module):
    """Patch embedding, stages of blocks, head."""

    def __init__(self) -> None:
        super().__init__()
        self.patch_embed = nn.Conv2d(in_channels, embed_dim, kernel_size=patch_size, stride=patch_size)
        self.patch_norm = nn.LayerNorm(embed_dim)
        layers: list[nn.Module] = []
        for stage, (depth, heads) in enumerate(zip(depths, num_heads, strict=True)):
            dim, resolution = embed_dim * 2**stage, image_size // patch_size // 2**stage
            for block in range(depth):
                layers.append(Block(dim, resolution, heads, window_size, window_size // 2 if block % 2 else 0))
            if stage < len(depths) - 1:
                layers.append(PatchMerging(dim))
        self.layers = nn.Sequential(*layers)
        self.norm = nn.LayerNorm(dim)
        self.avgpool = nn.AdaptiveAvgPool1d(1)
        self.head = nn.Linear(dim, num_classes)
        self.apply(draw)

    def forward(self, img: torch.Tensor) -> torch.Tensor:
        x = self.patch_norm(self.patch_embed(img).permute(0, 2, 3, 1))
        x = self.norm(self.layers(x)).flatten(1, 2)
        return self.head(self.avgpool(x.transpose(1, 2)).flatten(1))


def get_inputs() -> list:
    tint = torch.randn(batch_size, in_channels, 1, 1)
    return [tint + torch.randn(batch_size, in_channels, image_size, image_size)]


def get_init_inputs() -> list:
    return []


TIERS = {
    "cpu": {"batch_size": 2, "image_size": 128, "window_size": 4, "embed_dim": 64, "num_heads": [2, 4, 8, 16]},
    "ci": {
        "batch_size": 4,
        "image_size": 32,
        "num_classes": 500,
        "embed_dim": 32,
        "depths": [2, 2],
        "num_heads": [2, 4],
        "window_size": 4,
    },
}
UNSEEN = [
    {
        "batch_size": 3,
        "image_size": 30,
        "patch_size": 3,
        "num_classes": 331,
        "embed_dim": 36,
        "num_heads": [3, 6],
        "window_size": 5,
    },
    {"batch_size": 2, "image_size": 24, "patch_size": 2, "embed_dim": 21, "num_heads": [3, 7], "window_size": 3},
]
