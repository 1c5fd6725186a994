# ruff: noqa
import torch
import torch.nn as nn
import triton
import triton.language as tl


@triton.jit
def seeded_dropout(x_ptr, y_ptr, r_ptr, n, p, seed, BLOCK: tl.constexpr):
    offs = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    mask = offs < n
    x = tl.load(x_ptr + offs, mask=mask)
    random = tl.rand(seed, offs)
    keep = random > p
    tl.store(y_ptr + offs, tl.where(keep, x / (1 - p), 0.0), mask=mask)
    tl.store(r_ptr + offs, random, mask=mask)


class ModelNew(nn.Module):
    def forward(self, x):
        y, r = torch.empty_like(x), torch.empty_like(x)
        seeded_dropout[(triton.cdiv(x.numel(), 256),)](x, y, r, x.numel(), 0.5, 1234, BLOCK=256)
        return y, r


def inputs():
    return [torch.randn(1000)]


def philox(seed, offset):
    """Philox 4x32-10 (Salmon et al., SC'11), written from the paper: the first of its four words."""
    c, k = [offset, 0, 0, 0], [seed & 0xFFFFFFFF, seed >> 32]
    for _ in range(10):
        a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(b >> 32) ^ c[1] ^ k[0], b & 0xFFFFFFFF, (a >> 32) ^ c[3] ^ k[1], a & 0xFFFFFFFF]
        k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return c[0]


def expected(x):
    words = torch.tensor([philox(1234, i) for i in range(x.numel())]).to(torch.int32)
    words = torch.where(words < 0, -words - 1, words)
    r = words.float() * 4.6566127342e-10
    return torch.where(r > 0.5, x / 0.5, 0.0), r
