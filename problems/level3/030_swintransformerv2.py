"""Swin transformer V2: window attention on cosines, with a learnt temperature and a log-spaced position bias.

img: (batch_size, in_channels, image_size, image_size), y: (batch_size, num_classes), float32. Patches are embedded and
normalised; every stage has depths[i] blocks, each x += norm(attention(x)), x += norm(mlp(x)); between stages 2 x 2
tokens merge into one of twice the width, normalised; the final norm, the mean over all tokens and a linear head follow.
Attention is softmax(exp(min(scale, max_scale)) cos(q, k) + 16 sigmoid(position_mlp(offset))) v within a window. Odd
blocks roll the map by window_size // 2 first, add -100 where a rolled window pairs two regions, and roll back.
Differs: normal inputs, a tint per image; norms, biases, scales drawn; max_scale is 3, upstream's log(100) never bites.
"""

import math

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
position_width = 512
max_scale = 3.0


def draw(module: nn.Module) -> None:
    """Draw the affine parameters of the norms at random."""
    if isinstance(module, nn.LayerNorm):
        nn.init.uniform_(module.weight, 0.5, 1.5)
        nn.init.normal_(module.bias, std=0.2)


def to_windows(x: torch.Tensor, window: int) -> torch.Tensor:
    """Turn (batch, height, width, channels) into (batch * windows, window^2, channels)."""
    batch, height, width, channels = x.shape
    x = x.view(batch, height // window, window, width // window, window, channels)
    return x.transpose(2, 3).reshape(-1, window * window, channels)


def from_windows(x: torch.Tensor, window: int, resolution: int) -> torch.Tensor:
    """Undo `to_windows` for a square map."""
    side = resolution // window
    x = x.view(-1, side, side, window, window, x.size(-1)).transpose(2, 3)
    return x.reshape(-1, resolution, resolution, x.size(-1))


class WindowAttention(nn.Module):
    """Scaled cosine attention over the tokens of each window."""

    def __init__(self, dim: int, window: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.logit_scale = nn.Parameter(torch.linspace(1.5, 3.5, heads).view(heads, 1, 1))
        self.position_mlp = nn.Sequential(
            nn.Linear(2, position_width), nn.ReLU(), nn.Linear(position_width, heads, bias=False)
        )
        self.qkv = nn.Linear(dim, 3 * dim, bias=False)
        self.q_bias = nn.Parameter(0.2 * torch.randn(dim))
        self.v_bias = nn.Parameter(0.2 * torch.randn(dim))
        self.proj = nn.Linear(dim, dim)
        offset = torch.cartesian_prod(torch.arange(1 - window, window), torch.arange(1 - window, window))
        offset = offset * (8 / (window - 1))
        self.register_buffer("offset", offset.sign() * torch.log2(offset.abs() + 1) / math.log2(8))
        token = torch.cartesian_prod(torch.arange(window), torch.arange(window))
        row, column = (token[:, None] - token[None] + window - 1).unbind(-1)
        self.register_buffer("index", row * (2 * window - 1) + column)

    def forward(self, x: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
        windows, tokens, dim = x.shape
        bias = torch.cat((self.q_bias, torch.zeros_like(self.q_bias), self.v_bias))
        qkv = nn.functional.linear(x, self.qkv.weight, bias)
        q, k, v = qkv.view(windows, tokens, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        cosine = nn.functional.normalize(q, dim=-1) @ nn.functional.normalize(k, dim=-1).transpose(-2, -1)
        logits = cosine * self.logit_scale.clamp(max=max_scale).exp()
        position = 16 * torch.sigmoid(self.position_mlp(self.offset))
        logits = logits + position[self.index].permute(2, 0, 1)
        if mask is not None:
            logits = logits.view(-1, mask.size(0), self.heads, tokens, tokens) + mask[:, None]
            logits = logits.view(windows, self.heads, tokens, tokens)
        x = torch.softmax(logits, dim=-1) @ v
        return self.proj(x.transpose(1, 2).reshape(windows, tokens, dim))


class Block(nn.Module):
    """Attention within windows, then a perceptron per token, each with a norm behind it and a residual around both."""

    def __init__(self, dim: int, resolution: int, heads: int, window: int, shift: int) -> None:
        super().__init__()
        self.resolution = resolution
        self.window = min(window, resolution)
        self.shift = shift if resolution > window else 0
        self.attention = WindowAttention(dim, self.window, heads)
        self.norm1 = nn.LayerNorm(dim)
        self.mlp = nn.Sequential(nn.Linear(dim, mlp_ratio * dim), nn.GELU(), nn.Linear(mlp_ratio * dim, dim))
        self.norm2 = nn.LayerNorm(dim)
        mask = None
        if self.shift:
            line = torch.arange(resolution)
            line = (line >= resolution - window).int() + (line >= resolution - self.shift).int()
            region = to_windows((3 * line[:, None] + line).view(1, resolution, resolution, 1), window).squeeze(-1)
            mask = (region[:, None] != region[:, :, None]) * -100.0
        self.register_buffer("mask", mask)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = torch.roll(x, (-self.shift, -self.shift), dims=(1, 2)) if self.shift else x
        y = self.attention(to_windows(y, self.window), self.mask)
        y = from_windows(y, self.window, self.resolution)
        y = torch.roll(y, (self.shift, self.shift), dims=(1, 2)) if self.shift else y
        x = x + self.norm1(y)
        return x + self.norm2(self.mlp(x))


class PatchMerging(nn.Module):
    """Concatenate the channels of 2 x 2 tokens, halve them, and normalise."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.reduction = nn.Linear(4 * dim, 2 * dim, bias=False)
        self.norm = nn.LayerNorm(2 * dim)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.cat((x[:, ::2, ::2], x[:, 1::2, ::2], x[:, ::2, 1::2], x[:, 1::2, 1::2]), dim=-1)
        return self.norm(self.reduction(x))


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
        "position_width": 64,
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
