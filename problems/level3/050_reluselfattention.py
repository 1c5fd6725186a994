"""Causal self-attention with a ReLU in place of the softmax: y[t] = sum over s <= t of relu(q[t] k[s] / sqrt(d)) v[s].

x, y: (batch_size, seq_len, n_embd) float32. A linear layer gives q, k and v of n_head heads, d = n_embd / n_head wide;
another projects the heads' output. The weights are not normalised. max_seqlen bounds seq_len.
Differs: applies c_proj, whose parameters upstream holds but never uses; normal inputs, biases drawn.
"""

import math

import torch
import torch.nn as nn

batch_size = 16
seq_len = 1024
max_seqlen = 1024
n_embd = 768
n_head = 12


class Model(nn.Module):
    """Masked ReLU attention with projections of input and output."""

    def __init__(self, n_embd: int, n_head: int, max_seqlen: int) -> None:
        super().__init__()
        self.n_head = n_head
        self.c_attn = nn.Linear(n_embd, 3 * n_embd)
        self.c_proj = nn.Linear(n_embd, n_embd)
        self.register_buffer("mask", torch.ones(max_seqlen, max_seqlen).tril())
        nn.init.normal_(self.c_attn.bias, std=0.05)
        nn.init.normal_(self.c_proj.bias, std=0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        batch, tokens, width = x.shape
        qkv = self.c_attn(x).view(batch, tokens, 3, self.n_head, width // self.n_head)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        scores = (q @ k.transpose(-2, -1)) * (1 / math.sqrt(k.size(-1)))
        scores = scores.masked_fill(self.mask[:tokens, :tokens] == 0, float("-inf"))
        y = torch.relu(scores) @ v
        return self.c_proj(y.transpose(1, 2).reshape(batch, tokens, width))


def get_inputs() -> list:
    return [torch.randn(batch_size, seq_len, n_embd)]


def get_init_inputs() -> list:
    return [n_embd, n_head, max_seqlen]


TIERS = {
    "cpu": {"batch_size": 1, "seq_len": 512},
    "ci": {"batch_size": 2, "seq_len": 96, "max_seqlen": 128, "n_embd": 64, "n_head": 4},
}
UNSEEN = [
    {"batch_size": 3, "seq_len": 61, "max_seqlen": 67, "n_embd": 39, "n_head": 3},
    {"batch_size": 1, "seq_len": 131, "max_seqlen": 131, "n_embd": 37, "n_head": 1},
]
