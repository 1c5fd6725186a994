# problem: level1/53
# kind: buggy
# expected: runtime_error, nondeterministic, value_mismatch
# cause: divergent_barrier: half of the threads wait at another barrier than the rest
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

src = r"""
#include <torch/extension.h>
#include <cuda_runtime.h>

__global__ void min_kernel(const float* __restrict__ x, float* __restrict__ y, int len, int inner) {
    __shared__ float s[128];
    const int c = blockIdx.x;
    float m = INFINITY;
    for (int i = threadIdx.x; i < len; i += 128) m = fminf(m, x[((size_t)blockIdx.y * len + i) * inner + c]);
    s[threadIdx.x] = m;
    if (threadIdx.x < 64) {
        __syncthreads();
        s[threadIdx.x] = fminf(s[threadIdx.x], s[threadIdx.x + 64]);
    }
    __syncthreads();
    for (int h = 32; h > 0; h >>= 1) {
        if (threadIdx.x < h) s[threadIdx.x] = fminf(s[threadIdx.x], s[threadIdx.x + h]);
        __syncthreads();
    }
    if (threadIdx.x == 0) y[(size_t)blockIdx.y * inner + c] = s[0];
}

torch::Tensor min_dim(torch::Tensor x) {
    int B = x.size(0), len = x.size(1), inner = x.size(2);
    auto y = torch::empty({B, inner}, x.options());
    min_kernel<<<dim3(inner, B), 128>>>(x.data_ptr<float>(), y.data_ptr<float>(), len, inner);
    return y;
}
"""

ext = load_inline("min_dim2", "torch::Tensor min_dim(torch::Tensor x);", src, functions=["min_dim"])


class ModelNew(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.dim = dim

    def forward(self, x):
        return ext.min_dim(x.transpose(1, self.dim).contiguous())
