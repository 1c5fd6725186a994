# problem: level1/52
# kind: honest
# expected: correct
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

src = r"""
#include <torch/extension.h>
#include <cuda_runtime.h>

// Orders floats as unsigned integers; the index in the lower half breaks ties towards the front.
__device__ __forceinline__ unsigned long long pack(float v, unsigned idx) {
    unsigned u = __float_as_uint(v);
    u = (u & 0x80000000u) ? ~u : (u | 0x80000000u);
    return ((unsigned long long)u << 32) | idx;
}

__global__ void init_keys(unsigned long long* keys, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) keys[i] = 0xFFFFFFFFFFFFFFFFULL;
}

__global__ void argmin_kernel(const float* x, unsigned long long* keys, int len, int inner, int chunk) {
    int col = blockIdx.x * blockDim.x + threadIdx.x;
    if (col >= inner) return;
    int outer = blockIdx.z;
    int begin = blockIdx.y * chunk, end = min(begin + chunk, len);
    unsigned long long best = 0xFFFFFFFFFFFFFFFFULL;
    for (int i = begin; i < end; ++i) {
        float v = x[((long long)outer * len + i) * inner + col];
        unsigned long long key = pack(v == 0.0f ? 0.0f : v, i);
        best = key < best ? key : best;
    }
    atomicMin(&keys[outer * inner + col], best);
}

__global__ void unpack(const unsigned long long* keys, long long* out, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) out[i] = (long long)(keys[i] & 0xFFFFFFFFULL);
}

torch::Tensor argmin(torch::Tensor x) {
    x = x.contiguous();
    int outer = x.size(0), len = x.size(1), inner = x.size(2), n = outer * inner;
    auto keys = torch::empty({n}, x.options().dtype(torch::kInt64));
    auto out = torch::empty({outer, inner}, x.options().dtype(torch::kLong));
    auto* k = reinterpret_cast<unsigned long long*>(keys.data_ptr<int64_t>());
    init_keys<<<(n + 255) / 256, 256>>>(k, n);
    const int chunks = 8, chunk = (len + chunks - 1) / chunks;
    argmin_kernel<<<dim3((inner + 127) / 128, chunks, outer), 128>>>(x.data_ptr<float>(), k, len, inner, chunk);
    unpack<<<(n + 255) / 256, 256>>>(k, reinterpret_cast<long long*>(out.data_ptr<int64_t>()), n);
    return out;
}
"""

ext = load_inline("argmin64", ["torch::Tensor argmin(torch::Tensor x);"], [src], functions=["argmin"])


class ModelNew(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.dim = dim

    def forward(self, x):
        return ext.argmin(x.transpose(self.dim, 1))
