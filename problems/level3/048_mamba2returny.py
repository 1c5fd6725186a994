"""State space layer of Mamba2 in its chunked form; it returns the outputs of all steps.

X, Y: (batch_size, seq_length, n_heads, d_head) float32. Per sample and head, with parameters A: (..., n_heads) and
B, C: (..., n_heads, d_state) for every sample and step, a state h of d_head x d_state follows
h[t] = exp(A[t]) h[t - 1] + X[t] B[t]^T and Y[t] = h[t] C[t], from a state of zeros. The sequence is cut into chunks of
block_len: attention-like products within a chunk, and a recurrence over the chunks' states.
Differs: normal X; A is -rand / 20, B over sqrt(d_state): with upstream's normal A the state explodes.
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
    past = torch.ones_like(sums[0, 0, 0], dtype=torch.bool).tril()
    return torch.exp(sums.masked_fill(~past, float("-inf")))


class Model(nn.Module):
    """Chunked scan of a state space model with scalar decay per head."""

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
        total = torch.cumsum(a, dim=-1)

        # Within a chunk: what step s left in the state, decayed until step l.
        within = ((c @ b.transpose(-2, -1)) * segment_decays(a)) @ x

        # Across chunks: every chunk's contribution to the state at its end, then the state at each chunk's start.
        remaining = torch.exp(total[..., -1:] - total)
        states = (x * remaining.unsqueeze(-1)).transpose(-2, -1) @ b
        states = torch.cat((torch.zeros_like(states[:, :, :1]), states), dim=2)
        between = segment_decays(nn.functional.pad(total[..., -1], (1, 0)).unsqueeze(2)).squeeze(2)
        starts = (between[..., :-1, :] @ states.flatten(3)).unflatten(3, states.shape[3:])
        across = (c @ starts.transpose(-2, -1)) * torch.exp(total).unsqueeze(-1)

        return (within + across).permute(0, 2, 3, 1, 4).flatten(1, 2)


def get_inputs() -> list:
    return [torch.randn(batch_size, seq_length, n_heads, d_head)]


def get_init_inputs() -> list:
    return [batch_size, seq_length, n_heads, d_head, d_state, block_len]


TIERS = {
    "cpu": {"batch_size": 24},
    "ci": {"batch_size": 3, "seq_length": 96, "n_heads": 4, "d_head": 32, "d_state": 8, "block_len": 32},
}
UNSEEN = [
    {"batch_size": 2, "seq_length": 51, "n_heads": 3, "d_head": 29, "d_state": 7, "block_len": 17},
    {"batch_size": 1, "seq_length": 130, "n_heads": 5, "d_head": 13, "d_state": 5, "block_len": 26},
]
