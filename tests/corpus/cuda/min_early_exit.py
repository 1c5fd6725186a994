# problem: level1/53
# kind: honest
# expected: correct
# Threads beyond the last column leave before the barriers. Since Volta a barrier waits for threads that have not exited.
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

src = r"""
#include <torch/extension.h>
#include <cuda_runtime.h>
#include <cfloat>

__global__ void min_kernel(const float* __restrict__ x, float* __restrict__ y, int len, int inner) {
    __shared__ float s[8][64];
    const int c = blockIdx.x * 64 + threadIdx.x;
    if (c >= inner) return;
    float m = FLT_MAX;
    for (int i = threadIdx.y; i < len; i += 8) m = fminf(m, x[((size_t)blockIdx.y * len + i) * inner + c]);
    s[threadIdx.y][threadIdx.x] = m;
    __syncthreads();
    for (int h = 4; h > 0; h >>= 1) {
        float* mine = &s[threadIdx.y][threadIdx.x];
        if (threadIdx.y < h) *mine = fminf(*mine, s[threadIdx.y + h][threadIdx.x]);
        __syncthreads();
    }
    if (threadIdx.y == 0) y[(size_t)blockIdx.y * inner + c] = s[0][threadIdx.x];
}

torch::Tensor min_dim(torch::Tensor x) {
    int B = x.size(0), len = x.size(1), inner = x.size(2);
    auto y = torch::empty({B, inner}, x.options());
    min_kernel<<<dim3((inner + 63) / 64, B), dim3(64, 8)>>>(x.data_ptr<float>(), y.data_ptr<float>(), len, inner);
    return y;
}
"""

ext = load_inline("min_dim", "torch::Tensor min_dim(torch::Tensor x);", src, functions=["min_dim"])


class ModelNew(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.dim = dim

    def forward(self, x):
        return ext.min_dim(x.transpose(1, self.dim).contiguous())
