"""State space layer of Mamba2 in its chunked form; it returns the state behind the last step.

X: (batch_size, seq_length, n_heads, d_head), the result: (batch_size, n_heads, d_head, d_state), float32. Per sample
and head, with parameters A: (..., n_heads) and B: (..., n_heads, d_state) for every sample and step, a state h follows
h[t] = exp(A[t]) h[t - 1] + X[t] B[t]^T from zeros. The sequence is cut into chunks of block_len, each of which gives
its own contribution to the state at its end; these are added up, each with the decay behind it.
C: (..., n_heads, d_state) reads outputs within chunks, Y[t] = sum over s <= t of (C[t] . B[s]) exp(A[s+1] + ... + A[t])
X[s]; their mean over all steps is added to every column of the result.
Differs: normal X; A is -rand / 20, B over sqrt(d_state), upstream's explode; outputs count, upstream drops them.
"""

import torch
import torch.nn as nn

batch_size = 2048
seq_length = 128
n_heads = 8
d_head = 64
d_state = 16
block_len = 64


def segment_decays(a: torch.Tensor) -> torch.Tensor:
    """Return exp(a[j + 1] + ... + a[i]) at [..., i, j], and 0 above the diagonal."""
    total = torch.cumsum(a, dim=-1)
    sums = total.unsqueeze(-1) - total.unsqueeze(-2)
    past = torch.ones_like(sums[0, 0], dtype=torch.bool).tril()
    return torch.exp(sums.masked_fill(~past, float("-inf")))


class Model(nn.Module):
    """Chunked scan of a state space model with scalar decay per head, up to its final state."""

    def __init__(
        self, batch_size: int, seq_length: int, n_heads: int, d_head: int, d_state: int, block_len: int = 64
    ) -> None:
        super().__init__()
        self.block_len = block_len
        self.A = nn.Parameter(-torch.rand(batch_size, seq_length, n_heads) / 20)
        self.B = nn.Parameter(torch.randn(batch_size, seq_length, n_heads, d_state) * d_state**-0.5)
        self.C = nn.Parameter(torch.randn(batch_size, seq_length, n_heads, d_state))

    def chunked(self, x: torch.Tensor) -> torch.Tensor:
        """Turn (batch, steps, heads, width) into (batch, heads, chunks, block_len, width)."""
        return x.unflatten(1, (-1, self.block_len)).permute(0, 3, 1, 2, 4)

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        x, b, c = self.chunked(X), self.chunked(self.B), self.chunked(self.C)
        a = self.chunked(self.A.unsqueeze(-1)).squeeze(-1)
        outputs = (c @ b.transpose(-2, -1) * segment_decays(a)) @ x
        total = torch.cumsum(a, dim=-1)
        remaining = torch.exp(total[..., -1:] - total)
        states = (x * remaining.unsqueeze(-1)).transpose(-2, -1) @ b
        through = torch.cumsum(total[..., -1], dim=-1)
        between = torch.exp(through[..., -1:] - through).unsqueeze(-2)
        final = (between @ states.flatten(3)).view_as(states[:, :, -1])
        return final + outputs.mean(dim=(2, 3)).unsqueeze(-1)


def get_inputs() -> list:
    return [torch.randn(batch_size, seq_length, n_heads, d_head)]


def get_init_inputs() -> list:
    return [batch_size, seq_length, n_heads, d_head, d_state, block_len]


TIERS = {
    "cpu": {"batch_size": 96},
    "ci": {"batch_size": 3, "seq_length": 96, "n_heads": 4, "d_head": 32, "d_state": 8, "block_len": 32},
}
UNSEEN = [
    {"batch_size": 2, "seq_length": 51, "n_heads": 3, "d_head": 29, "d_state": 7, "block_len": 17},
    {"batch_size": 1, "seq_length": 130, "n_heads": 5, "d_head": 13, "d_state": 5, "block_len": 26},
]
