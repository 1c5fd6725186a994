"""Transformer on a convolution: the whole feature map becomes one token beside a class token, which is classified.

x: (batch_size, in_channels, image_size, image_size), y: (batch_size, num_classes), float32. A strided convolution takes
patches to embed_dim channels; a linear layer takes all of them to one token; the sequence (class token, that token)
runs through num_layers post-norm encoder layers (ReLU, width mlp_ratio * embed_dim); token 0 is classified.
Differs: normal inputs; norms, biases drawn; wider convolution and projections.
"""

import torch
import torch.nn as nn

batch_size = 10
num_classes = 1000
embed_dim = 128
num_heads = 4
num_layers = 6
mlp_ratio = 4
patch_size = 4
in_channels = 3
image_size = 32


def draw(module: nn.Module) -> None:
    """Draw what PyTorch leaves at zero or one, and projections wide enough for attention to prefer a token."""
    if isinstance(module, nn.LayerNorm):
        nn.init.uniform_(module.weight, 0.5, 1.5)
        nn.init.normal_(module.bias, std=0.2)
    elif isinstance(module, nn.MultiheadAttention):
        nn.init.normal_(module.in_proj_weight, std=1.5 * module.embed_dim**-0.5)
        nn.init.normal_(module.in_proj_bias, std=0.2)
        nn.init.normal_(module.out_proj.bias, std=0.2)


class Model(nn.Module):
    """Convolution, linear projection, transformer encoder and classification head."""

    def __init__(
        self,
        num_classes: int,
        embed_dim: int,
        num_heads: int,
        num_layers: int = num_layers,
        mlp_ratio: int = mlp_ratio,
        patch_size: int = patch_size,
        in_channels: int = in_channels,
        image_size: int = image_size,
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, embed_dim, kernel_size=patch_size, stride=patch_size)
        self.linear_proj = nn.Linear(embed_dim * (image_size // patch_size) ** 2, embed_dim)
        self.cls_token = nn.Parameter(torch.randn(1, 1, embed_dim))
        width = mlp_ratio * embed_dim
        self.transformer = nn.Sequential(
            *(
                nn.TransformerEncoderLayer(embed_dim, num_heads, width, dropout=0.0, batch_first=True)
                for _ in range(num_layers)
            )
        )
        self.fc_out = nn.Linear(embed_dim, num_classes)
        nn.init.kaiming_normal_(self.conv1.weight, nonlinearity="linear")
        nn.init.kaiming_normal_(self.linear_proj.weight, nonlinearity="linear")
        self.transformer.apply(draw)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        token = self.linear_proj(self.conv1(x).flatten(1)).unsqueeze(1)
        x = torch.cat((self.cls_token.expand(x.size(0), -1, -1), token), dim=1)
        return self.fc_out(self.transformer(x)[:, 0])


def get_inputs() -> list:
    return [torch.randn(batch_size, in_channels, image_size, image_size)]


def get_init_inputs() -> list:
    return [num_classes, embed_dim, num_heads]


TIERS = {
    "cpu": {"batch_size": 160},
    "ci": {"batch_size": 8, "num_classes": 500, "embed_dim": 48, "num_layers": 3},
}
UNSEEN = [
    {"batch_size": 3, "num_classes": 331, "embed_dim": 39, "num_heads": 3, "image_size": 23, "patch_size": 5},
    {"batch_size": 1, "num_classes": 1009, "embed_dim": 35, "num_heads": 5, "in_channels": 1, "num_layers": 2},
]
