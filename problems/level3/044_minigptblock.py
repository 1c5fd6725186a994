"""Pre-norm transformer block of minGPT: x += attention(norm(x)), then x += mlp(norm(x)).

x, y: (batch_size, seq_len, n_embd) float32. Attention is causal, with n_head heads and projections of input and output;
the mlp is linear (n_embd to 4 n_embd), GELU in its tanh form, linear back. Both dropout rates are 0. max_seqlen bounds
seq_len. GELU: 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))).
Differs: normal inputs; norms and biases drawn; the projection to q, k, v is wider, so that attention is not uniform.
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


class NewGELU(nn.Module):
    """GELU by the tanh formula."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * torch.pow(x, 3))))


class CausalSelfAttention(nn.Module):
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
        nn.init.normal_(self.c_proj.bias, std=0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        batch, tokens, width = x.shape
        qkv = self.c_attn(x).view(batch, tokens, 3, self.n_head, width // self.n_head)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        logits = (q @ k.transpose(-2, -1)) * (1 / math.sqrt(k.size(-1)))
        logits = logits.masked_fill(self.mask[:tokens, :tokens] == 0, float("-inf"))
        y = self.attn_dropout(torch.softmax(logits, dim=-1)) @ v
        return self.resid_dropout(self.c_proj(y.transpose(1, 2).reshape(batch, tokens, width)))


class Model(nn.Module):
    """Attention and perceptron, each behind a norm and inside a residual."""

    def __init__(self, n_embd: int, n_head: int, attn_pdrop: float, resid_pdrop: float, max_seqlen: int) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(n_embd)
        self.attn = CausalSelfAttention(n_embd, n_head, attn_pdrop, resid_pdrop, max_seqlen)
        self.ln_2 = nn.LayerNorm(n_embd)
        self.mlp = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd), NewGELU(), nn.Linear(4 * n_embd, n_embd), nn.Dropout(resid_pdrop)
        )
        for norm in (self.ln_1, self.ln_2):
            nn.init.uniform_(norm.weight, 0.5, 1.5)
            nn.init.normal_(norm.bias, std=0.5)
        for linear in (self.mlp[0], self.mlp[2]):
            nn.init.kaiming_normal_(linear.weight, nonlinearity="relu")
            nn.init.normal_(linear.bias, std=0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


def get_inputs() -> list:
    return [torch.randn(batch_size, seq_len, n_embd)]


def get_init_inputs() -> list:
    return [n_embd, n_head, attn_pdrop, resid_pdrop, max_seqlen]


TIERS = {
    "cpu": {"batch_size": 1, "seq_len": 256},
    "ci": {"batch_size": 2, "seq_len": 96, "max_seqlen": 128, "n_embd": 64, "n_head": 4},
}
UNSEEN = [
    {"batch_size": 3, "seq_len": 61, "max_seqlen": 67, "n_embd": 39, "n_head": 3},
    {"batch_size": 1, "seq_len": 131, "max_seqlen": 131, "n_embd": 37, "n_head": 1},
]
