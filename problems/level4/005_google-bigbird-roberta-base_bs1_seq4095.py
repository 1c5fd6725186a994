"""BigBird base with a language modelling head: 12 post-norm layers with block-sparse attention, which is not causal.

A block of queries sees the first, the last and its neighbouring blocks of keys, and its random ones, which outside
of training are all the first block; the first and the last block see everything. Padded to whole blocks.
input_ids: (batch_size, sequence_length), int64; logits: (batch_size, sequence_length, vocab_size), float32.
Differs: random weights from a config, upstream downloads them from the hub; unused pooler left out.
"""

import torch
import torch.nn as nn
from transformers import BigBirdConfig, BigBirdForCausalLM

batch_size = 1
sequence_length = 4095
vocab_size = 50358
max_positions = 4096
hidden_size = 768
num_layers = 12
num_heads = 12
ffn_size = 3072
block_size = 64
num_random_blocks = 3


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
        block_size: int,
        num_random_blocks: int,
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
            attention_type="block_sparse",
            block_size=block_size,
            num_random_blocks=num_random_blocks,
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
        # Layer by layer: the library's own attention also fills a full matrix of probabilities that nobody reads.
        length, block = input_ids.shape[1], self.model.config.block_size
        padding = -length % block
        body = self.model.bert
        hidden = body.embeddings(nn.functional.pad(input_ids, (0, padding), value=self.model.config.pad_token_id))
        hides = hidden.new_zeros(length + padding)
        hides[length:] = -100.0  # not -inf: the audit measures spreads, and exp(-100) is far below rounding
        last, drawn = (length + padding) // block - 1, [0] * self.model.config.num_random_blocks
        second, second_last = [[0, 1, 2, last, *drawn]], [[0, last - 2, last - 1, last, *drawn]]
        inner = [[0, row - 1, row, row + 1, *drawn, last] for row in range(2, last - 1)]
        plan = [torch.tensor(columns, device=hidden.device) for columns in (second, inner, second_last)]
        for layer in body.encoder.layer:
            hidden = layer.attention.output(self.attend(layer.attention.self, hidden, hides, plan), hidden)
            hidden = layer.output(layer.intermediate(hidden), hidden)
        return self.model.cls(hidden[:, :length])

    def attend(self, projections: nn.Module, hidden: torch.Tensor, hides: torch.Tensor, plan: list) -> torch.Tensor:
        """Return the attention's output before its last projection.

        `hides` is added to the scores of each key; `plan` has, for the rows of blocks between the first and the last,
        the blocks of keys that each row sees.
        """
        config = self.model.config
        shape = (hidden.shape[1] // config.block_size, config.block_size)
        query, key, value = (
            project(hidden).unflatten(-1, (config.num_attention_heads, -1)).transpose(1, 2).unflatten(2, shape)
            for project in (projections.query, projections.key, projections.value)
        )
        hides = hides.unflatten(0, shape)

        def see(queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor, hides: torch.Tensor) -> torch.Tensor:
            keys, values = keys.flatten(-3, -2), values.flatten(-3, -2)
            scores = queries @ keys.mT * keys.shape[-1] ** -0.5 + hides.flatten(-2).unsqueeze(-2)
            return scores.softmax(-1) @ values

        rows = query[:, :, 1:2], query[:, :, 2:-2], query[:, :, -2:-1]
        seen = [
            see(row, key[:, :, index], value[:, :, index], hides[index]) for row, index in zip(rows, plan, strict=True)
        ]
        first, last = (see(query[:, :, row], key, value, hides).unsqueeze(2) for row in (0, -1))
        return torch.cat([first, *seen, last], 2).flatten(2, 3).transpose(1, 2).flatten(2)


def get_inputs() -> list:
    return [torch.randint(0, vocab_size, (batch_size, sequence_length))]


def get_init_inputs() -> list:
    return [vocab_size, max_positions, hidden_size, num_layers, num_heads, ffn_size, block_size, num_random_blocks]


TIERS = {
    "cpu": {
        "batch_size": 1,
        "sequence_length": 1023,
        "vocab_size": 6007,
        "max_positions": 1536,
        "hidden_size": 256,
        "num_layers": 4,
        "num_heads": 4,
        "ffn_size": 1024,
        "block_size": 16,
        "num_random_blocks": 3,
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
        "block_size": 8,
        "num_random_blocks": 3,
    },
}
UNSEEN = [
    {"batch_size": 3, "sequence_length": 117},
    {"batch_size": 2, "sequence_length": 103, "num_random_blocks": 1},
    {"batch_size": 1, "sequence_length": 185, "vocab_size": 331},
]
