# ruff: noqa
import torch
import torch.nn as nn
import triton
import triton.language as tl


@triton.jit
def welford(mean_1, m2_1, weight_1, mean_2, m2_2, weight_2):
    delta = mean_2 - mean_1
    new_weight = weight_1 + weight_2
    w2_over_w = tl.where(new_weight == 0.0, 0.0, weight_2 / new_weight)
    return mean_1 + delta * w2_over_w, m2_1 + m2_2 + delta * delta * weight_1 * w2_over_w, new_weight


@triton.jit
def group_norm_kernel(x_ptr, y_ptr, w_ptr, b_ptr, G, CPG, HW, eps, BLOCK: tl.constexpr):
    pid = tl.program_id(0)
    g = pid % G
    size = CPG * HW
    offs = tl.arange(0, BLOCK)
    mask = offs < size
    x = tl.load(x_ptr + pid * size + offs, mask=mask, other=0.0)
    mean, m2, weight = tl.reduce((x, tl.zeros_like(x), mask.to(tl.float32)), 0, welford)
    rstd = tl.rsqrt(m2 / weight + eps)
    c = g * CPG + offs // HW
    w = tl.load(w_ptr + c, mask=mask, other=1.0)
    b = tl.load(b_ptr + c, mask=mask, other=0.0)
    tl.store(y_ptr + pid * size + offs, (x - mean) * rstd * w + b, mask=mask)


class ModelNew(nn.Module):
    def forward(self, x, w, b):
        N, C, H, W = x.shape
        y = torch.empty_like(x)
        size = C // 4 * H * W
        group_norm_kernel[(N * 4,)](x, y, w, b, 4, C // 4, H * W, 1e-5, BLOCK=triton.next_power_of_2(size))
        return y


def inputs():
    return [torch.randn(3, 8, 5, 7), torch.rand(8), torch.randn(8)]


def expected(x, w, b):
    return torch.nn.functional.group_norm(x, 4, w, b)
