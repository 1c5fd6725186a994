# problem: level1/92
# kind: buggy
# expected: nondeterministic, value_mismatch
# cause: race: the scan reads and writes one buffer without a barrier in between
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

src = r"""
#include <torch/extension.h>
#include <cuda_runtime.h>

__global__ void exclusive_scan(const float* g_in, float* g_out, int n) {
    extern __shared__ float temp[];
    const int t = threadIdx.x;
    const float* in = g_in + blockIdx.x * n;
    float* out = g_out + blockIdx.x * n;
    temp[t] = (t > 0 && t < n) ? in[t - 1] : 0.f;
    __syncthreads();
    for (int off = 1; off < n; off <<= 1) {
        if (t >= off) temp[t] = temp[t] + temp[t - off];
        __syncthreads();
    }
    if (t < n) out[t] = temp[t];
}

torch::Tensor scan(torch::Tensor x) {
    int n = x.size(1);
    TORCH_CHECK(n <= 1024, "one block per row");
    auto y = torch::empty_like(x);
    exclusive_scan<<<x.size(0), 1024, 1024 * sizeof(float)>>>(x.data_ptr<float>(), y.data_ptr<float>(), n);
    return y;
}
"""

ext = load_inline("excl_scan", "torch::Tensor scan(torch::Tensor x);", src, functions=["scan"])


class ModelNew(nn.Module):
    def __init__(self, dim):
        super().__init__()

    def forward(self, x):
        return ext.scan(x.contiguous())
