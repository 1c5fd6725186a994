# ruff: noqa
import torch
import torch.nn as nn
import triton
import triton.language as tl


@triton.jit
def cross_entropy_kernel(logits_ptr, target_ptr, loss_ptr, total_ptr, stride, C, n_rows, BLOCK: tl.constexpr):
    row = tl.program_id(0)
    target = tl.load(target_ptr + row)
    m = -float("inf")
    d = 0.0
    for start in range(0, C, BLOCK):
        cols = start + tl.arange(0, BLOCK)
        x = tl.load(logits_ptr + row * stride + cols, mask=cols < C, other=float("-inf")).to(tl.float32)
        new_m = tl.maximum(m, tl.max(x))
        d = d * tl.exp(m - new_m) + tl.sum(tl.exp(x - new_m))
        m = new_m
    picked = tl.load(logits_ptr + row * stride + target).to(tl.float32)
    loss = m + tl.log(d) - picked
    tl.store(loss_ptr + row, loss)
    tl.atomic_add(total_ptr, loss / n_rows)


class ModelNew(nn.Module):
    def forward(self, logits, target):
        n, c = logits.shape
        loss = torch.empty(n, device=logits.device, dtype=torch.float32)
        total = torch.zeros((), device=logits.device, dtype=torch.float32)
        cross_entropy_kernel[(n,)](logits, target, loss, total, logits.stride(0), c, n, BLOCK=128)
        return loss, total


def inputs():
    return [torch.randn(23, 301), torch.randint(0, 301, (23,))]


def expected(logits, target):
    ce = torch.nn.functional.cross_entropy
    return ce(logits, target, reduction="none"), ce(logits, target)
