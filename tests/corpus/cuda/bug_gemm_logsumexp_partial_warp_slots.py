# problem: level2/64
# kind: buggy
# expected: runtime_error, value_mismatch, nonfinite, nondeterministic
# cause: uninitialised_shared: the first warp folds 32 slots of shared memory, eight warps have written theirs
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.cpp_extension import load_inline

src = r"""
#include <torch/extension.h>
#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDAException.h>
#include <math_constants.h>

constexpr int kThreads = 256;

__device__ __forceinline__ void merge(float& m, float& s, float m2, float s2) {
    const float top = fmaxf(m, m2);
    if (top == -CUDART_INF_F) return;
    s = s * expf(m - top) + s2 * expf(m2 - top);
    m = top;
}
__device__ __forceinline__ void warp_merge(float& m, float& s) {
    for (int o = 16; o > 0; o >>= 1) {
        const float m2 = __shfl_xor_sync(0xffffffff, m, o);
        const float s2 = __shfl_xor_sync(0xffffffff, s, o);
        merge(m, s, m2, s2);
    }
}
__device__ __forceinline__ float leaky(float v, float slope) { return v > 0.f ? v : slope * v; }
__device__ __forceinline__ float gelu(float v) { return 0.5f * v * (1.f + erff(v * 0.70710678118654752f)); }

__global__ void __launch_bounds__(kThreads) logsumexp_activations(const float* __restrict__ z, float* __restrict__ y,
                                                                  int n, float slope) {
    __shared__ float warp_m[32];
    __shared__ float warp_s[32];
    const float* row = z + (size_t)blockIdx.x * n;
    float m = -CUDART_INF_F, s = 0.f;
    for (int i = threadIdx.x; i < n; i += kThreads) merge(m, s, row[i], 1.f);
    warp_merge(m, s);
    const int lane = threadIdx.x & 31, warp = threadIdx.x >> 5;
    if (lane == 0) {
        warp_m[warp] = m;
        warp_s[warp] = s;
    }
    __syncthreads();
    if (warp == 0) {
        m = warp_m[lane];
        s = warp_s[lane];
        warp_merge(m, s);
        if (lane == 0) {
            const float v = leaky(leaky(m + logf(s), slope), slope);
            y[blockIdx.x] = gelu(gelu(v));
        }
    }
}

torch::Tensor logsumexp_act(torch::Tensor z, double slope) {
    z = z.contiguous();
    auto y = torch::empty({z.size(0), 1}, z.options());
    logsumexp_activations<<<z.size(0), kThreads, 0, at::cuda::getCurrentCUDAStream()>>>(
        z.data_ptr<float>(), y.data_ptr<float>(), z.size(1), (float)slope);
    C10_CUDA_KERNEL_LAUNCH_CHECK();
    return y;
}
"""

ext = load_inline(
    name="logsumexp_act",
    cpp_sources="torch::Tensor logsumexp_act(torch::Tensor z, double slope);",
    cuda_sources=src,
    functions=["logsumexp_act"],
)


class ModelNew(nn.Module):
    def __init__(self, in_features, out_features):
        super().__init__()
        self.linear = nn.Linear(in_features, out_features)
        self.negative_slope = 0.3

    def forward(self, x):
        return ext.logsumexp_act(F.linear(x, self.linear.weight, self.linear.bias), self.negative_slope)
