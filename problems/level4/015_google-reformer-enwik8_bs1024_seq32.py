"""Reformer for characters: the logits of 12 reversible layers with causal attention, local or by hashing.

A local layer attends in chunks of `local_chunk`, each to itself and the one before. A hashing layer shares queries
and keys; up to `lsh_chunk` tokens, as here, it hashes nothing and attends to all earlier ones.
input_ids: (batch_size, sequence_length), int64; logits: (batch_size, sequence_length, vocab_size), float32.
Differs: random weights from a config, upstream downloads them from the hub; unused bias left out.
"""

import torch
import torch.nn as nn
from transformers import ReformerConfig, ReformerModelWithLMHead

batch_size = 1024
sequence_length = 32
vocab_size = 258
axial_shape = (128, 512)
axial_sizes = (256, 768)
hidden_size = 1024
attention_layers = "local local lsh local local local lsh local local local lsh local"
num_heads = 8
ffn_size = 4096
local_chunk = 128
lsh_chunk = 256


class Model(nn.Module):
    """Reformer with a language modelling head of its own."""

    def __init__(
        self,
        vocab_size: int,
        axial_shape: tuple,
        axial_sizes: tuple,
        hidden_size: int,
        attention_layers: str,
        num_heads: int,
        ffn_size: int,
        local_chunk: int,
        lsh_chunk: int,
    ) -> None:
        super().__init__()
        config = ReformerConfig(
            vocab_size=vocab_size,
            max_position_embeddings=axial_shape[0] * axial_shape[1],
            axial_pos_embds=True,
            axial_pos_shape=axial_shape,
            axial_pos_embds_dim=axial_sizes,
            hidden_size=hidden_size,
            attn_layers=attention_layers.split(),
            num_attention_heads=num_heads,
            attention_head_size=hidden_size // num_heads,
            feed_forward_size=ffn_size,
            hidden_act="relu",
            local_attn_chunk_length=local_chunk,
            local_num_chunks_before=1,
            local_num_chunks_after=0,
            lsh_attn_chunk_length=lsh_chunk,
            lsh_num_chunks_before=1,
            lsh_num_chunks_after=0,
            num_buckets=512,
            num_hashes=4,
            layer_norm_eps=1e-12,
            is_decoder=True,
            use_cache=False,
        )
        self.model = ReformerModelWithLMHead(config)
        self.model.lm_head.bias = None  # the library builds one and never adds it
        for name, parameter in self.model.named_parameters():
            if parameter.dim() > 1:
                nn.init.normal_(parameter, std=1.5 * hidden_size**-0.5)
            elif name.endswith("weight"):
                nn.init.uniform_(parameter, 0.5, 1.5)
            else:
                nn.init.normal_(parameter, std=0.2)
        self.eval()

    def forward(self, input_ids: torch.Tensor) -> torch.Tensor:
        # Part by part: the library's own forward reads the largest position back, and has gradients in training only.
        embeddings = self.model.reformer.embeddings
        rows, columns = embeddings.position_embeddings.weights
        positions = torch.arange(input_ids.shape[1], device=input_ids.device)
        row, column = positions // columns.shape[1], positions % columns.shape[1]
        hidden = embeddings.word_embeddings(input_ids) + torch.cat([rows[row, 0], columns[0, column]], -1)
        attended = hidden
        for layer in self.model.reformer.encoder.layers:
            attended = attended + layer.attention(hidden).hidden_states
            hidden = hidden + layer.feed_forward(attended)
        return self.model.lm_head(self.model.reformer.encoder.layer_norm(torch.cat([attended, hidden], -1)))


def get_inputs() -> list:
    return [torch.randint(0, vocab_size, (batch_size, sequence_length))]


def get_init_inputs() -> list:
    return [
        vocab_size,
        axial_shape,
        axial_sizes,
        hidden_size,
        attention_layers,
        num_heads,
        ffn_size,
        local_chunk,
        lsh_chunk,
    ]


TIERS = {
    "cpu": {
        "batch_size": 16,
        "sequence_length": 32,
        "axial_shape": [16, 128],
        "axial_sizes": [64, 192],
        "hidden_size": 256,
        "attention_layers": "local local lsh local local local lsh local",
        "num_heads": 4,
        "ffn_size": 1024,
    },
    "ci": {
        "batch_size": 24,
        "sequence_length": 16,
        "vocab_size": 258,
        "axial_shape": [16, 6],
        "axial_sizes": [32, 64],
        "hidden_size": 96,
        "attention_layers": "local lsh local",
        "num_heads": 6,
        "ffn_size": 384,
    },
}
UNSEEN = [
    {"batch_size": 61, "sequence_length": 7},
    {"batch_size": 5, "sequence_length": 31},
    {"batch_size": 1, "sequence_length": 13, "vocab_size": 131},
]
