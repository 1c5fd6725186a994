# ruff: noqa
import torch
import torch.nn as nn
import triton
import triton.language as tl


@triton.jit
def histogram_kernel(x_ptr, hist_ptr, small_ptr, n, BINS: tl.constexpr, BLOCK: tl.constexpr):
    offs = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    mask = offs < n
    x = tl.load(x_ptr + offs, mask=mask, other=0.0)
    b = tl.minimum((x * BINS).to(tl.int32), BINS - 1)
    tl.atomic_add(hist_ptr + b, 1, mask=mask)
    counts = tl.histogram(b, BINS)
    tl.atomic_add(small_ptr + tl.arange(0, BINS), counts, sem="relaxed")


class ModelNew(nn.Module):
    def forward(self, x):
        hist = torch.zeros(32, dtype=torch.int32, device=x.device)
        small = torch.zeros(32, dtype=torch.int32, device=x.device)
        histogram_kernel[(triton.cdiv(x.numel(), 128),)](x, hist, small, x.numel(), BINS=32, BLOCK=128)
        return hist, small


def inputs():
    return [torch.rand(1024)]


def expected(x):
    h = torch.histc(x, 32, 0, 1).int()
    return h, h
