# ruff: noqa
import torch
import torch.nn as nn
import triton
import triton.language as tl


@triton.jit
def rope_kernel(q_ptr, cos_ptr, sin_ptr, out_ptr, seq_len, n_heads, head_dim: tl.constexpr, BLOCK: tl.constexpr):
    pid = tl.program_id(0)
    pos = (pid // n_heads) % seq_len
    half: tl.constexpr = head_dim // 2
    d = tl.arange(0, BLOCK)
    mask = d < half
    base = pid * head_dim
    x1 = tl.load(q_ptr + base + d, mask=mask, other=0.0)
    x2 = tl.load(q_ptr + base + half + d, mask=mask, other=0.0)
    c = tl.load(cos_ptr + pos * half + d, mask=mask, other=0.0)
    s = tl.load(sin_ptr + pos * half + d, mask=mask, other=0.0)
    tl.store(out_ptr + base + d, x1 * c - x2 * s, mask=mask)
    tl.store(out_ptr + base + half + d, x2 * c + x1 * s, mask=mask)


class ModelNew(nn.Module):
    def forward(self, q, cos, sin):
        B, S, H, D = q.shape
        out = torch.empty_like(q)
        rope_kernel[(B * S * H,)](q, cos, sin, out, S, H, D, triton.next_power_of_2(D // 2), num_warps=1)
        return out


def inputs():
    angle = torch.arange(11.0)[:, None] / 10000 ** (torch.arange(12.0) / 12)
    return [torch.randn(2, 11, 3, 24), angle.cos(), angle.sin()]


def expected(q, cos, sin):
    a, b = q.chunk(2, -1)
    c, s = cos[None, :, None], sin[None, :, None]
    return torch.cat([a * c - b * s, b * c + a * s], -1)
