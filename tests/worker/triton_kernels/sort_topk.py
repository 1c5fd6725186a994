# ruff: noqa
import torch
import torch.nn as nn
import triton
import triton.language as tl


@triton.jit
def sort_kernel(x_ptr, y_ptr, z_ptr, t_ptr, N: tl.constexpr, K: tl.constexpr):
    row = tl.program_id(0)
    offs = tl.arange(0, N)
    x = tl.load(x_ptr + row * N + offs)
    tl.store(y_ptr + row * N + offs, tl.sort(x))
    tl.store(z_ptr + row * N + offs, tl.flip(x, 0))
    tl.store(t_ptr + row * K + tl.arange(0, K), tl.topk(x, K))


class ModelNew(nn.Module):
    def forward(self, x):
        y, z = torch.empty_like(x), torch.empty_like(x)
        t = torch.empty(x.shape[0], 8, device=x.device, dtype=x.dtype)
        sort_kernel[(x.shape[0],)](x, y, z, t, N=x.shape[1], K=8)
        return y, z, t


def inputs():
    return [torch.randn(3, 64)]


def expected(x):
    return x.sort(1).values, x.flip(1), x.topk(8, 1).values
