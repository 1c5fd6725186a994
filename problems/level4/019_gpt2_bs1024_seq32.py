"""GPT-2 small: the logits of a decoder of 12 pre-norm layers with causal attention, without dropout.

input_ids: (batch_size, sequence_length), int64; logits: (batch_size, sequence_length, vocab_size), float32.
Differs: random weights from a config, upstream downloads them from the hub.
"""

import torch
import torch.nn as nn
from transformers import GPT2Config, GPT2LMHeadModel

batch_size = 1024
sequence_length = 32
vocab_size = 50257
max_positions = 1024
hidden_size = 768
num_layers = 12
num_heads = 12


class Model(nn.Module):
    """GPT-2 whose language modelling head shares its weight with the token embedding."""

    def __init__(self, vocab_size: int, max_positions: int, hidden_size: int, num_layers: int, num_heads: int) -> None:
        super().__init__()
        config = GPT2Config(
            vocab_size=vocab_size,
            n_positions=max_positions,
            n_embd=hidden_size,
            n_layer=num_layers,
            n_head=num_heads,
            n_inner=4 * hidden_size,
            activation_function="gelu_new",
            layer_norm_epsilon=1e-5,
            bos_token_id=None,
            eos_token_id=None,
            use_cache=False,
            attn_implementation="sdpa",
        )
        self.model = GPT2LMHeadModel(config)
        for name, parameter in self.model.named_parameters():
            if parameter.dim() > 1:
                nn.init.normal_(parameter, std=1.5 * hidden_size**-0.5)
            elif name.endswith("weight"):
                nn.init.uniform_(parameter, 0.5, 1.5)
            else:
                nn.init.normal_(parameter, std=0.2)
        self.eval()

    def forward(self, input_ids: torch.Tensor) -> torch.Tensor:
        # Layer by layer: the library's own forward looks at values to choose a mask, which waits for the device.
        body = self.model.transformer
        positions = torch.arange(input_ids.shape[1], device=input_ids.device)
        hidden = body.wte(input_ids) + body.wpe(positions)
        for block in body.h:
            hidden = block(hidden)
        return self.model.lm_head(body.ln_f(hidden))


def get_inputs() -> list:
    return [torch.randint(0, vocab_size, (batch_size, sequence_length))]


def get_init_inputs() -> list:
    return [vocab_size, max_positions, hidden_size, num_layers, num_heads]


TIERS = {
    "cpu": {
        "batch_size": 16,
        "sequence_length": 32,
        "vocab_size": 6007,
        "max_positions": 512,
        "hidden_size": 256,
        "num_layers": 6,
        "num_heads": 4,
    },
    "ci": {
        "batch_size": 24,
        "sequence_length": 16,
        "vocab_size": 509,
        "max_positions": 64,
        "hidden_size": 96,
        "num_layers": 3,
        "num_heads": 6,
    },
}
UNSEEN = [
    {"batch_size": 61, "sequence_length": 7},
    {"batch_size": 5, "sequence_length": 31},
    {"batch_size": 1, "sequence_length": 13, "vocab_size": 331},
]
