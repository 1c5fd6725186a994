# problem: level1/88
# kind: honest
# expected: correct
import math

import torch.nn as nn
from torch.utils.cpp_extension import load_inline

src = r"""
#include <torch/extension.h>
#include <cuda_runtime.h>
#include <ATen/cuda/CUDAContext.h>

template <typename T, int N>
struct alignas(sizeof(T) * N) aligned_vector {
    T val[N];
};

template <int VEC, typename func_t>
__global__ void vectorized_elementwise_kernel(int N, func_t f, const float* in, float* out) {
    using vec_t = aligned_vector<float, VEC>;
    const int block_work = blockDim.x * VEC;
    const int base = blockIdx.x * block_work;
    const int remaining = N - base;
    if (remaining < block_work) {
        for (int i = threadIdx.x; i < remaining; i += blockDim.x) out[base + i] = f(in[base + i]);
    } else {
        vec_t v = reinterpret_cast<const vec_t*>(in + base)[threadIdx.x];
#pragma unroll
        for (int i = 0; i < VEC; i++) v.val[i] = f(v.val[i]);
        reinterpret_cast<vec_t*>(out + base)[threadIdx.x] = v;
    }
}

torch::Tensor new_gelu(torch::Tensor x, double c0, double c1) {
    x = x.contiguous();
    auto y = torch::empty_like(x);
    const int n = x.numel();
    const float a = c0, b = c1;
    auto gelu = [a, b] __device__(float v) -> float {
        return 0.5f * v * (1.0f + tanhf(a * (v + b * v * v * v)));
    };
    constexpr int vec = 4, threads = 128;
    vectorized_elementwise_kernel<vec><<<(n + vec * threads - 1) / (vec * threads), threads, 0,
        at::cuda::getCurrentCUDAStream()>>>(n, gelu, x.data_ptr<float>(), y.data_ptr<float>());
    return y;
}
"""

ext = load_inline(
    name="new_gelu",
    cpp_sources="torch::Tensor new_gelu(torch::Tensor x, double c0, double c1);",
    cuda_sources=src,
    functions=["new_gelu"],
    extra_cuda_cflags=["-O3", "--extended-lambda"],
)


class ModelNew(nn.Module):
    def __init__(self):
        super().__init__()

    def forward(self, x):
        return ext.new_gelu(x, math.sqrt(2.0 / math.pi), 0.044715)
