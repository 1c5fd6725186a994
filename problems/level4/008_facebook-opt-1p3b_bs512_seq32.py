"""OPT 1.3B: the logits of a decoder of 24 pre-norm layers with causal attention and ReLU, without dropout.

input_ids: (batch_size, sequence_length), int64; logits: (batch_size, sequence_length, vocab_size), float32.
Differs: random weights from a config, upstream downloads them from the hub.
"""

import torch
import torch.nn as nn
from transformers import AttentionInterface, OPTConfig, OPTForCausalLM

batch_size = 512
sequence_length = 32
vocab_size = 50272
max_positions = 2048
hidden_size = 2048
num_layers = 24
num_heads = 32
ffn_size = 8192


def attend(
    module: nn.Module, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, mask: torch.Tensor, **_: object
) -> tuple:
    """Attention for OPT, which has scaled its queries; the library's own scales by one, and always in float32."""
    return ((query @ key.mT + mask).softmax(-1) @ value).transpose(1, 2), None


AttentionInterface.register("scaled_queries", attend)


class Model(nn.Module):
    """OPT whose language modelling head shares its weight with the token embedding."""

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
        config = OPTConfig(
            vocab_size=vocab_size,
            max_position_embeddings=max_positions,
            hidden_size=hidden_size,
            word_embed_proj_dim=hidden_size,
            num_hidden_layers=num_layers,
            num_attention_heads=num_heads,
            ffn_dim=ffn_size,
            do_layer_norm_before=True,
            activation_function="relu",
            enable_bias=True,
            use_cache=False,
            attn_implementation="scaled_queries",
        )
        self.model = OPTForCausalLM(config)
        for name, parameter in self.model.named_parameters():
            if parameter.dim() > 1:
                nn.init.normal_(parameter, std=1.5 * hidden_size**-0.5)
            elif name.endswith("weight"):
                nn.init.uniform_(parameter, 0.5, 1.5)
            else:
                nn.init.normal_(parameter, std=0.2)
        self.eval()

    def forward(self, input_ids: torch.Tensor) -> torch.Tensor:
        # Layer by layer: the library's own forward counts positions by a sum over a mask of ones.
        body = self.model.model.decoder
        length = input_ids.shape[1]
        positions = torch.arange(length, device=input_ids.device)
        hidden = body.embed_tokens(input_ids) + body.embed_positions(None, position_ids=positions)
        # Not -inf: the audit measures spreads, and exp(-100) is far below rounding.
        mask = hidden.new_full((length, length), -100.0).triu(1)
        for layer in body.layers:
            hidden = layer(hidden, attention_mask=mask)
        return self.model.lm_head(body.final_layer_norm(hidden))


def get_inputs() -> list:
    return [torch.randint(0, vocab_size, (batch_size, sequence_length))]


def get_init_inputs() -> list:
    return [vocab_size, max_positions, hidden_size, num_layers, num_heads, ffn_size]


TIERS = {
    "cpu": {
        "batch_size": 16,
        "sequence_length": 32,
        "vocab_size": 6007,
        "max_positions": 512,
        "hidden_size": 256,
        "num_layers": 6,
        "num_heads": 4,
        "ffn_size": 1024,
    },
    "ci": {
        "batch_size": 24,
        "sequence_length": 16,
        "vocab_size": 509,
        "max_positions": 64,
        "hidden_size": 96,
        "num_layers": 3,
        "num_heads": 6,
        "ffn_size": 384,
    },
}
UNSEEN = [
    {"batch_size": 61, "sequence_length": 7},
    {"batch_size": 5, "sequence_length": 31},
    {"batch_size": 1, "sequence_length": 13, "vocab_size": 331},
]
