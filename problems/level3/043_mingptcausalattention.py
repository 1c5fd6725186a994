"""Causal multi-head self-attention as in minGPT: one linear layer gives q, k and v, another projects the heads' output.

x, y: (batch_size, seq_len, n_embd) float32. Per head, d = n_embd / n_head wide, y[t] is the mean of v[s] over s <= t,
with weights softmax(q[t] k[s] / sqrt(d)). Both dropout rates are 0. max_seqlen bounds seq_len.
Differs: normal inputs; the projection to q, k, v is wider, so that attention is not uniform, and biases larger.
"""

import math

import torch
import torch.nn as nn

batch_size = 128
seq_len = 512
max_seqlen = 1024
n_embd = 768
n_head = 8
attn_pdrop = 0.0
resid_pdrop = 0.0


class Model(nn.Module):
    """Masked self-attention with projections of input and output."""

    def __init__(self, n_embd: int, n_head: int, attn_pdrop: float, resid_pdrop: float, max_seqlen: int) -> None:
        super().__init__()
        self.n_head = n_head
        self.c_attn = nn.Linear(n_embd, 3 * n_embd)
        self.c_proj = nn.Linear(n_embd, n_embd)
        self.attn_dropout = nn.Dropout(attn_pdrop)
        self.resid_dropout = nn.Dropout(resid_pdrop)
        self.register_buffer("mask", torch.ones(max_seqlen, max_seqlen).tril())
        nn.init.normal_(self.c_attn.weight, std=1.5 * n_embd**-0.5)
        nn.init.normal_(self.c_attn.bias, std=0.5)
        nn.init.normal_(self.c_proj.bias, std=0.2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        batch, tokens, width = x.shape
        qkv = self.c_attn(x).view(batch, tokens, 3, self.n_head, width // self.n_head)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        logits = (q @ k.transpose(-2, -1)) * (1 / math.sqrt(k.size(-1)))
        logits = logits.masked_fill(self.mask[:tokens, :tokens] == 0, float("-inf"))
        y = self.attn_dropout(torch.softmax(logits, dim=-1)) @ v
        return self.resid_dropout(self.c_proj(y.transpose(1, 2).reshape(batch, tokens, width)))


def get_inputs() -> list:
    return [torch.randn(batch_size, seq_len, n_embd)]


def get_init_inputs() -> list:
    return [n_embd, n_head, attn_pdrop, resid_pdrop, max_seqlen]


TIERS = {
    "cpu": {"batch_size": 2, "seq_len": 256},
    "ci": {"batch_size": 2, "seq_len": 96, "max_seqlen": 128, "n_embd": 64, "n_head": 4},
}
UNSEEN = [
    {"batch_size": 3, "seq_len": 61, "max_seqlen": 67, "n_embd": 39, "n_head": 3},
    {"batch_size": 1, "seq_len": 131, "max_seqlen": 131, "n_embd": 37, "n_head": 1},
]
