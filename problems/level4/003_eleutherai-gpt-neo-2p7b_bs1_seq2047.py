"""GPT-Neo 2.7B: the logits of 32 pre-norm decoder layers, in turn with full and with windowed causal attention.

A windowed layer sees the last `window_size` tokens. The scores of the attention are not scaled.
input_ids: (batch_size, sequence_length), int64; logits: (batch_size, sequence_length, vocab_size), float32.
Differs: random weights from a config, upstream downloads them from the hub.
"""

import torch
import torch.nn as nn
from transformers import GPTNeoConfig, GPTNeoForCausalLM

batch_size = 1
sequence_length = 2047
vocab_size = 50257
max_positions = 2048
hidden_size = 2560
num_layers = 32
num_heads = 20
window_size = 256


class Model(nn.Module):
    """GPT-Neo whose language modelling head shares its weight with the token embedding."""

    def __init__(
        self,
        vocab_size: int,
        max_positions: int,
        hidden_size: int,
        num_layers: int,
        num_heads: int,
        window_size: int,
    ) -> None:
        super().__init__()
        config = GPTNeoConfig(
            vocab_size=vocab_size,
            max_position_embeddings=max_positions,
            hidden_size=hidden_size,
            num_layers=num_layers,
            attention_types=[[["global", "local"], num_layers // 2]],
            num_heads=num_heads,
            intermediate_size=4 * hidden_size,
            window_size=window_size,
            activation_function="gelu_new",
            layer_norm_epsilon=1e-5,
            bos_token_id=None,
            eos_token_id=None,
            use_cache=False,
            attn_implementation="eager",
        )
        self.model = GPTNeoForCausalLM(config)
        for name, parameter in self.model.named_parameters():
            if name.endswith("q_proj.weight"):  # the scores are not divided by the root of the head's width
                nn.init.normal_(parameter, std=1.5 * (hidden_size * hidden_size // num_heads) ** -0.5)
            elif parameter.dim() > 1:
                nn.init.normal_(parameter, std=1.5 * hidden_size**-0.5)
            elif name.endswith("weight"):
                nn.init.uniform_(parameter, 0.5, 1.5)
            else:
                nn.init.normal_(parameter, std=0.2)
        self.eval()

    def forward(self, input_ids: torch.Tensor) -> torch.Tensor:
        # Layer by layer: the library's own forward looks at values to choose a mask, and then masks twice.
        body = self.model.transformer
        positions = torch.arange(input_ids.shape[1], device=input_ids.device)
        hidden = body.wte(input_ids) + body.wpe(positions)
        for block in body.h:
            hidden, _ = block(hidden)
        return self.model.lm_head(body.ln_f(hidden))


def get_inputs() -> list:
    return [torch.randint(0, vocab_size, (batch_size, sequence_length))]


def get_init_inputs() -> list:
    return [vocab_size, max_positions, hidden_size, num_layers, num_heads, window_size]


TIERS = {
    "cpu": {
        "batch_size": 1,
        "sequence_length": 511,
        "vocab_size": 6007,
        "max_positions": 512,
        "hidden_size": 320,
        "num_layers": 4,
        "num_heads": 5,
        "window_size": 64,
    },
    "ci": {
        "batch_size": 1,
        "sequence_length": 191,
        "vocab_size": 509,
        "max_positions": 256,
        "hidden_size": 80,
        "num_layers": 4,
        "num_heads": 5,
        "window_size": 24,
    },
}
UNSEEN = [
    {"batch_size": 1, "sequence_length": 131},
    {"batch_size": 3, "sequence_length": 61, "window_size": 7},
    {"batch_size": 2, "sequence_length": 7, "vocab_size": 331},
]
