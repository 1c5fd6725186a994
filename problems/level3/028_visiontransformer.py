"""Vision transformer: patches embedded, class token and positions added, encoder layers applied, token 0 classified.

img: (batch_size, channels, image_size, image_size), y: (batch_size, num_classes), float32. A patch of patch_size^2
pixels in all channels is one token. Encoder layers are post-norm, with a ReLU in the feed-forward part, mlp_dim wide;
the head is linear, GELU, linear. Both dropout rates are 0.
Differs: attends over patches, upstream over the batch; normal inputs; norms, biases drawn; wider attention projections.
"""

import torch
import torch.nn as nn

batch_size = 2
image_size = 224
patch_size = 16
num_classes = 10
dim = 512
depth = 6
heads = 8
mlp_dim = 2048
channels = 3
dropout = 0.0
emb_dropout = 0.0


def draw(module: nn.Module) -> None:
    """Draw what PyTorch leaves at zero or one, and projections wide enough for attention to prefer some tokens."""
    if isinstance(module, nn.LayerNorm):
        nn.init.uniform_(module.weight, 0.5, 1.5)
        nn.init.normal_(module.bias, std=0.1)
    elif isinstance(module, nn.MultiheadAttention):
        nn.init.normal_(module.in_proj_weight, std=1.75 * module.embed_dim**-0.5)
        nn.init.normal_(module.in_proj_bias, std=0.1)
        nn.init.normal_(module.out_proj.bias, std=0.1)


class Model(nn.Module):
    """Patch embedding, transformer encoder and classification head."""

    def __init__(
        self,
        image_size: int,
        patch_size: int,
        num_classes: int,
        dim: int,
        depth: int,
        heads: int,
        mlp_dim: int,
        channels: int = 3,
        dropout: float = 0.0,
        emb_dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.patch_size = patch_size
        self.patch_to_embedding = nn.Linear(channels * patch_size**2, dim)
        nn.init.normal_(self.patch_to_embedding.weight, std=(channels * patch_size**2) ** -0.5)
        self.cls_token = nn.Parameter(torch.randn(1, 1, dim))
        self.pos_embedding = nn.Parameter(0.5 * torch.randn(1, (image_size // patch_size) ** 2 + 1, dim))
        self.dropout = nn.Dropout(emb_dropout)
        self.transformer = nn.Sequential(
            *(nn.TransformerEncoderLayer(dim, heads, mlp_dim, dropout, batch_first=True) for _ in range(depth))
        )
        self.mlp_head = nn.Sequential(
            nn.Linear(dim, mlp_dim), nn.GELU(), nn.Dropout(dropout), nn.Linear(mlp_dim, num_classes)
        )
        self.transformer.apply(draw)

    def forward(self, img: torch.Tensor) -> torch.Tensor:
        size = self.patch_size
        patches = img.unfold(2, size, size).unfold(3, size, size)
        tokens = self.patch_to_embedding(patches.permute(0, 2, 3, 1, 4, 5).flatten(3).flatten(1, 2))
        x = torch.cat((self.cls_token.expand(img.size(0), -1, -1), tokens), dim=1)
        x = self.transformer(self.dropout(x + self.pos_embedding))
        return self.mlp_head(x[:, 0])


def get_inputs() -> list:
    return [torch.randn(batch_size, channels, image_size, image_size)]


def get_init_inputs() -> list:
    return [image_size, patch_size, num_classes, dim, depth, heads, mlp_dim, channels, dropout, emb_dropout]


TIERS = {
    "cpu": {"image_size": 112, "patch_size": 8, "dim": 256, "mlp_dim": 1024, "heads": 4},
    "ci": {
        "batch_size": 4,
        "image_size": 40,
        "patch_size": 8,
        "num_classes": 10,
        "dim": 64,
        "depth": 3,
        "mlp_dim": 128,
    },
}
UNSEEN = [
    {"batch_size": 3, "image_size": 35, "patch_size": 5, "num_classes": 7, "dim": 48, "heads": 3, "mlp_dim": 67},
    {"batch_size": 1, "image_size": 52, "patch_size": 13, "num_classes": 13, "dim": 40, "heads": 5, "channels": 1},
]
