"""BigBird base with a language modelling head: 12 post-norm layers with full attention, which is not causal.

Up to 704 tokens the model's sparse attention falls back to the full one.
input_ids: (batch_size, sequence_length), int64; logits: (batch_size, sequence_length, vocab_size), float32.
Differs: random weights from a config, upstream downloads them from the hub; unused pooler left out.
"""

import torch
import torch.nn as nn
from transformers import BigBirdConfig, BigBirdForCausalLM

batch_size = 32
sequence_length = 256
vocab_size = 50358
max_positions = 4096
hidden_size = 768
num_layers = 12
num_heads = 12
ffn_size = 3072


class Model(nn.Module):
    """BigBird with a language modelling head that shares its weight with the token embedding."""

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
        config = BigBirdConfig(
            vocab_size=vocab_size,
            max_position_embeddings=max_positions,
            type_vocab_size=2,
            hidden_size=hidden_size,
            num_hidden_layers=num_layers,
            num_attention_heads=num_heads,
            intermediate_size=ffn_size,
            hidden_act="gelu_new",
            layer_norm_eps=1e-12,
            use_bias=True,
            rescale_embeddings=False,
            attention_type="original_full",
            is_decoder=False,
            use_cache=False,
        )
        self.model = BigBirdForCausalLM(config)
        self.model.bert.pooler = None  # the language modelling head does not read it
        # What a branch adds is small, or 12 post-norm layers with averaging attention would make all tokens alike.
        for name, parameter in self.model.named_parameters():
            if parameter.dim() > 1:
                branches = 2 * num_layers if name.endswith("output.dense.weight") else 1
                nn.init.normal_(parameter, std=(branches * parameter.shape[-1]) ** -0.5)
            elif name.endswith("weight"):
                nn.init.uniform_(parameter, 0.5, 1.5)
            else:
                nn.init.normal_(parameter, std=0.1)
        self.eval()

    def forward(self, input_ids: torch.Tensor) -> torch.Tensor:
        # Part by part: the library's own forward adds a mask that hides nothing.
        body = self.model.bert
        return self.model.cls(body.encoder(body.embeddings(input_ids)).last_hidden_state)


def get_inputs() -> list:
    return [torch.randint(0, vocab_size, (batch_size, sequence_length))]


def get_init_inputs() -> list:
    return [vocab_size, max_positions, hidden_size, num_layers, num_heads, ffn_size]


TIERS = {
    "cpu": {
        "batch_size": 4,
        "sequence_length": 128,
        "vocab_size": 6007,
        "max_positions": 512,
        "hidden_size": 256,
        "num_layers": 6,
        "num_heads": 4,
        "ffn_size": 1024,
    },
    "ci": {
        "batch_size": 8,
        "sequence_length": 48,
        "vocab_size": 509,
        "max_positions": 64,
        "hidden_size": 96,
        "num_layers": 3,
        "num_heads": 6,
        "ffn_size": 384,
    },
}
UNSEEN = [
    {"batch_size": 3, "sequence_length": 61},
    {"batch_size": 1, "sequence_length": 37},
    {"batch_size": 7, "sequence_length": 5, "vocab_size": 331},
]
