# problem: tests/corpus/problems/half_swish.py
# kind: honest
# expected: correct
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

cuda_src = r"""
#include <torch/extension.h>
#include <cuda_fp16.h>

__global__ void swish_half2_kernel(const __half2* __restrict__ x, __half2* __restrict__ y, int n2) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n2) return;
    const __half2 v = x[i];
    const float2 f = __half22float2(v);
    const __half2 s = __floats2half2_rn(1.0f / (1.0f + expf(-f.x)), 1.0f / (1.0f + expf(-f.y)));
    const __half2 zero = __float2half2_rn(0.0f);
    y[i] = __hfma2(v, s, zero);
}

__global__ void swish_half_kernel(const __half* x, __half* y, int n) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) {
        const float f = __half2float(x[i]);
        y[i] = __hmul(x[i], __float2half_rn(1.0f / (1.0f + expf(-f))));
    }
}

torch::Tensor swish(torch::Tensor x) {
    auto in = x.contiguous();
    auto out = torch::empty_like(in);
    const int n = in.numel();
    auto* px = reinterpret_cast<const __half*>(in.data_ptr<c10::Half>());
    auto* py = reinterpret_cast<__half*>(out.data_ptr<c10::Half>());
    if (n % 2 == 0) {
        const int n2 = n / 2;
        swish_half2_kernel<<<(n2 + 255) / 256, 256>>>((const __half2*)px, (__half2*)py, n2);
    } else {
        swish_half_kernel<<<(n + 255) / 256, 256>>>(px, py, n);
    }
    return out;
}
"""

swish_ext = load_inline("swish_half2", "torch::Tensor swish(torch::Tensor x);", cuda_src, functions=["swish"])


class ModelNew(nn.Module):
    def forward(self, x):
        return swish_ext.swish(x)
