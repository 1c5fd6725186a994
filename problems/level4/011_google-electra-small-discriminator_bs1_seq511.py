"""ELECTRA small with a language modelling head: 12 post-norm layers over narrower embeddings, projected up and back.

As published the attention is not causal: every token sees all others.
input_ids: (batch_size, sequence_length), int64; logits: (batch_size, sequence_length, vocab_size), float32.
Differs: random weights from a config, upstream downloads them from the hub.
"""

import torch
import torch.nn as nn
from transformers import ElectraConfig, ElectraForCausalLM

batch_size = 1
sequence_length = 511
vocab_size = 30522
max_positions = 512
embedding_size = 128
hidden_size = 256
num_layers = 12
num_heads = 4
ffn_size = 1024


class Model(nn.Module):
    """ELECTRA with a language modelling head that shares its weight with the token embedding."""

    def __init__(
        self,
        vocab_size: int,
        max_positions: int,
        embedding_size: int,
        hidden_size: int,
        num_layers: int,
        num_heads: int,
        ffn_size: int,
    ) -> None:
        super().__init__()
        config = ElectraConfig(
            vocab_size=vocab_size,
            max_position_embeddings=max_positions,
            type_vocab_size=2,
            embedding_size=embedding_size,
            hidden_size=hidden_size,
            num_hidden_layers=num_layers,
            num_attention_heads=num_heads,
            intermediate_size=ffn_size,
            hidden_act="gelu",
            layer_norm_eps=1e-12,
            is_decoder=False,
            use_cache=False,
            attn_implementation="eager",
        )
        self.model = ElectraForCausalLM(config)
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
        # Part by part: the library's own forward makes a mask that hides nothing.
        body = self.model.electra
        hidden = body.encoder(body.embeddings_project(body.embeddings(input_ids))).last_hidden_state
        return self.model.generator_lm_head(self.model.generator_predictions(hidden))


def get_inputs() -> list:
    return [torch.randint(0, vocab_size, (batch_size, sequence_length))]


def get_init_inputs() -> list:
    return [vocab_size, max_positions, embedding_size, hidden_size, num_layers, num_heads, ffn_size]


TIERS = {
    "cpu": {"batch_size": 1, "sequence_length": 511, "vocab_size": 6007},
    "ci": {
        "batch_size": 1,
        "sequence_length": 191,
        "vocab_size": 509,
        "max_positions": 256,
        "embedding_size": 48,
        "hidden_size": 96,
        "num_layers": 3,
        "num_heads": 4,
        "ffn_size": 384,
    },
}
UNSEEN = [
    {"batch_size": 1, "sequence_length": 131},
    {"batch_size": 3, "sequence_length": 61},
    {"batch_size": 2, "sequence_length": 7, "vocab_size": 331},
]
