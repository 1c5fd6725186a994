# problem: level2/99
# kind: honest
# expected: correct
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

cuda_src = r"""
#include <torch/extension.h>
#include <cuda_runtime.h>
#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDAException.h>
#include <math_constants.h>

// One block per row: the row of x sits in shared memory, threads own output features.
__global__ void gemm_gelu_softmax(const float* __restrict__ x, const float* __restrict__ wt, const float* __restrict__ b,
                                  float* __restrict__ y, int K, int N) {
    extern __shared__ float smem[];
    float* xrow = smem;        // K
    float* out = smem + K;     // N
    __shared__ float red[32];
    const int tid = threadIdx.x, lane = tid & 31, wid = tid >> 5, nw = blockDim.x >> 5;

    for (int k = tid; k < K; k += blockDim.x) xrow[k] = x[(size_t)blockIdx.x * K + k];
    __syncthreads();

    float m = -CUDART_INF_F;
    for (int n = tid; n < N; n += blockDim.x) {
        float acc = __ldg(&b[n]);
        for (int k = 0; k < K; ++k) acc += xrow[k] * __ldg(&wt[(size_t)k * N + n]);
        const float g = acc * normcdff(acc);
        out[n] = g;
        m = fmaxf(m, g);
    }
    for (int o = 16; o > 0; o >>= 1) m = fmaxf(m, __shfl_xor_sync(0xffffffffu, m, o));
    if (lane == 0) red[wid] = m;
    __syncthreads();
    if (wid == 0) {
        m = lane < nw ? red[lane] : -CUDART_INF_F;
        for (int o = 16; o > 0; o >>= 1) m = fmaxf(m, __shfl_xor_sync(0xffffffffu, m, o));
        if (lane == 0) red[0] = m;
    }
    __syncthreads();
    m = red[0];
    __syncthreads();

    float s = 0.f;
    for (int n = tid; n < N; n += blockDim.x) {
        const float e = expf(out[n] - m);
        out[n] = e;
        s += e;
    }
    for (int o = 16; o > 0; o >>= 1) s += __shfl_xor_sync(0xffffffffu, s, o);
    if (lane == 0) red[wid] = s;
    __syncthreads();
    if (wid == 0) {
        s = lane < nw ? red[lane] : 0.f;
        for (int o = 16; o > 0; o >>= 1) s += __shfl_xor_sync(0xffffffffu, s, o);
        if (lane == 0) red[0] = s;
    }
    __syncthreads();
    const float inv = __frcp_rn(red[0]);
    for (int n = tid; n < N; n += blockDim.x) y[(size_t)blockIdx.x * N + n] = out[n] * inv;
}

torch::Tensor fused(torch::Tensor x, torch::Tensor w, torch::Tensor b) {
    x = x.contiguous();
    auto wt = w.t().contiguous();
    int M = x.size(0), K = x.size(1), N = w.size(0);
    auto y = torch::empty({M, N}, x.options());
    gemm_gelu_softmax<<<M, 128, (K + N) * sizeof(float), at::cuda::getCurrentCUDAStream()>>>(
        x.data_ptr<float>(), wt.data_ptr<float>(), b.data_ptr<float>(), y.data_ptr<float>(), K, N);
    C10_CUDA_KERNEL_LAUNCH_CHECK();
    return y;
}
"""

ext = load_inline(
    name="gemm_gelu_softmax",
    cpp_sources="torch::Tensor fused(torch::Tensor x, torch::Tensor w, torch::Tensor b);",
    cuda_sources=cuda_src,
    functions=["fused"],
)


class ModelNew(nn.Module):
    def __init__(self, in_features, out_features):
        super().__init__()
        self.linear = nn.Linear(in_features, out_features)

    def forward(self, x):
        return ext.fused(x, self.linear.weight, self.linear.bias)
