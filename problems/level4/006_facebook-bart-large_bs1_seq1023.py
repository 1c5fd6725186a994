"""BART large as a language model: the logits of its decoder, 12 post-norm layers with causal attention.

input_ids: (batch_size, sequence_length), int64; logits: (batch_size, sequence_length, vocab_size), float32.
Differs: random weights from a config, upstream downloads them from the hub; unused cross-attention left out.
"""

import torch
import torch.nn as nn
from transformers import BartConfig, BartForCausalLM

batch_size = 1
sequence_length = 1023
vocab_size = 50265
max_positions = 1024
hidden_size = 1024
num_layers = 12
num_heads = 16
ffn_size = 4096


class Model(nn.Module):
    """BART's decoder with a language modelling head that shares its weight with the token embedding."""

    def __init__(
        self,
        vocab_size: int,
        max_positions: int,
        hidden_size: int,
        num_layers: int,
        num_heads: int,
        ffn_size: int,
    ) -> None:
        super().__init__()
        config = BartConfig(
            vocab_size=vocab_size,
            max_position_embeddings=max_positions,
            d_model=hidden_size,
            encoder_layers=num_layers,
            encoder_attention_heads=num_heads,
            encoder_ffn_dim=ffn_size,
            decoder_layers=num_layers,
            decoder_attention_heads=num_heads,
            decoder_ffn_dim=ffn_size,
            activation_function="gelu",
            scale_embedding=False,
            use_cache=False,
            attn_implementation="eager",
        )
        self.model = BartForCausalLM(config)
        for layer in self.model.model.decoder.layers:
            del layer.encoder_attn, layer.encoder_attn_layer_norm  # there is no encoder to attend to
        # What a branch adds is small, or 12 post-norm layers with averaging attention would make all tokens alike.
        for name, parameter in self.model.named_parameters():
            if parameter.dim() > 1:
                branches = 2 * num_layers if name.endswith(("out_proj.weight", "fc2.weight")) else 1
                nn.init.normal_(parameter, std=(branches * parameter.shape[-1]) ** -0.5)
            elif name.endswith("weight"):
                nn.init.uniform_(parameter, 0.5, 1.5)
            else:
                nn.init.normal_(parameter, std=0.1)
        self.eval()

    def forward(self, input_ids: torch.Tensor) -> torch.Tensor:
        # Layer by layer: the library's own forward looks at values to choose a mask, and multiplies by a scale of one.
        body = self.model.model.decoder
        length = input_ids.shape[1]
        positions = torch.arange(length, device=input_ids.device)
        embedded = nn.functional.embedding(input_ids, body.embed_tokens.weight)
        hidden = body.layernorm_embedding(embedded + body.embed_positions(None, position_ids=positions))
        # Not -inf: the audit measures spreads, and exp(-100) is far below rounding.
        mask = hidden.new_full((length, length), -100.0).triu(1)
        for layer in body.layers:
            hidden = layer(hidden, attention_mask=mask)
        return self.model.lm_head(hidden)


def get_inputs() -> list:
    return [torch.randint(0, vocab_size, (batch_size, sequence_length))]


def get_init_inputs() -> list:
    return [vocab_size, max_positions, hidden_size, num_layers, num_heads, ffn_size]


TIERS = {
    "cpu": {
        "batch_size": 1,
        "sequence_length": 511,
        "vocab_size": 6007,
        "max_positions": 512,
        "hidden_size": 256,
        "num_layers": 6,
        "num_heads": 4,
        "ffn_size": 1024,
    },
    "ci": {
        "batch_size": 1,
        "sequence_length": 191,
        "vocab_size": 509,
        "max_positions": 256,
        "hidden_size": 96,
        "num_layers": 3,
        "num_heads": 6,
        "ffn_size": 384,
    },
}
UNSEEN = [
    {"batch_size": 1, "sequence_length": 131},
    {"batch_size": 3, "sequence_length": 61},
    {"batch_size": 2, "sequence_length": 7, "vocab_size": 331},
]
