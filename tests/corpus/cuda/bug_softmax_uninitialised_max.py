# problem: level1/24
# kind: buggy
# expected: runtime_error, value_mismatch, nonfinite, nondeterministic
# cause: uninitialised_shared: atomicMax on a shared maximum that nobody set
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

src = r"""
#include <torch/extension.h>
#include <cuda_runtime.h>

__device__ __forceinline__ int order(float f) {
    int i = __float_as_int(f);
    return i >= 0 ? i : i ^ 0x7fffffff;
}
__device__ __forceinline__ float unorder(int i) { return __int_as_float(i >= 0 ? i : i ^ 0x7fffffff); }

__global__ void log_softmax(const float* __restrict__ x, float* __restrict__ y, int n) {
    __shared__ int s_max;
    __shared__ float s_sum;
    if (threadIdx.x == 0) s_sum = 0.f;
    __syncthreads();
    const float* in = x + (size_t)blockIdx.x * n;
    float m = -INFINITY;
    for (int i = threadIdx.x; i < n; i += blockDim.x) m = fmaxf(m, in[i]);
    atomicMax(&s_max, order(m));
    __syncthreads();
    m = unorder(s_max);
    float s = 0.f;
    for (int i = threadIdx.x; i < n; i += blockDim.x) s += expf(in[i] - m);
    for (int o = 16; o; o >>= 1) s += __shfl_down_sync(0xffffffff, s, o);
    if ((threadIdx.x & 31) == 0) atomicAdd(&s_sum, s);
    __syncthreads();
    const float shift = m + logf(s_sum);
    for (int i = threadIdx.x; i < n; i += blockDim.x) y[(size_t)blockIdx.x * n + i] = in[i] - shift;
}

torch::Tensor run(torch::Tensor x) {
    auto y = torch::empty_like(x);
    log_softmax<<<x.size(0), 256>>>(x.data_ptr<float>(), y.data_ptr<float>(), x.size(1));
    return y;
}
"""

ext = load_inline("ls_atomic", "torch::Tensor run(torch::Tensor x);", src, functions=["run"])


class ModelNew(nn.Module):
    def __init__(self):
        super().__init__()

    def forward(self, x):
        return ext.run(x.contiguous())
