"""Self-attention over all pixels of a feature map, with a residual and a layer norm: y = norm(attention(x, x, x) + x).

x, y: (batch_size, embed_dim, image_height, image_width) float32. A token is a pixel, embed_dim wide; attention has
num_heads heads, no mask, and projections of its input and output. The norm is over embed_dim.
Differs: leaves out mean attention weights, which upstream drops; normal x; norm, biases drawn, wider q, k, v.
"""

import torch
import torch.nn as nn

batch_size = 2
embed_dim = 128
num_heads = 4
image_height = 128
image_width = 128


class Model(nn.Module):
    """Multi-head attention and layer normalisation over pixels."""

    def __init__(self, embed_dim: int, num_heads: int) -> None:
        super().__init__()
        self.attn = nn.MultiheadAttention(embed_dim, num_heads)
        self.norm = nn.LayerNorm(embed_dim)
        nn.init.normal_(self.attn.in_proj_weight, std=1.75 * embed_dim**-0.5)
        nn.init.normal_(self.attn.in_proj_bias, std=0.5)
        nn.init.normal_(self.attn.out_proj.bias, std=0.5)
        nn.init.uniform_(self.norm.weight, 0.5, 1.5)
        nn.init.normal_(self.norm.bias, std=0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        pixels = x.flatten(2).permute(2, 0, 1)
        attended, _ = self.attn(pixels, pixels, pixels, need_weights=False)
        return self.norm(attended + pixels).permute(1, 2, 0).reshape(x.shape)


def get_inputs() -> list:
    return [torch.randn(batch_size, embed_dim, image_height, image_width)]


def get_init_inputs() -> list:
    return [embed_dim, num_heads]


TIERS = {
    "cpu": {"image_height": 40, "image_width": 40},
    "ci": {"embed_dim": 32, "num_heads": 4, "image_height": 16, "image_width": 16},
}
UNSEEN = [
    {"batch_size": 3, "embed_dim": 39, "num_heads": 3, "image_height": 13, "image_width": 11},
    {"batch_size": 1, "embed_dim": 34, "num_heads": 2, "image_height": 1, "image_width": 131},
]
