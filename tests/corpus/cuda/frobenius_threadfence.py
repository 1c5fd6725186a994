# problem: level1/37
# kind: honest
# expected: correct
import torch
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

source = r"""
#include <torch/extension.h>
#include <cuda_runtime.h>
#include <ATen/cuda/CUDAContext.h>

__device__ unsigned int g_blocks_done = 0;

template <typename T>
__inline__ __device__ T warp_sum(T v) {
#pragma unroll
    for (int mask = 16; mask > 0; mask >>= 1) v += __shfl_xor_sync(0xffffffff, v, mask, 32);
    return v;
}

template <typename T>
__inline__ __device__ T block_sum(T v) {
    static __shared__ T shared[32];
    int lane = threadIdx.x & 0x1f, wid = threadIdx.x >> 5;
    v = warp_sum(v);
    if (lane == 0) shared[wid] = v;
    __syncthreads();
    v = (threadIdx.x < (blockDim.x >> 5)) ? shared[lane] : T(0);
    if (wid == 0) v = warp_sum(v);
    __syncthreads();
    return v;
}

// Threadfence reduction, as in the CUDA samples: the last block adds up the partial sums and resets the counter.
__global__ void sumsq_kernel(const float* __restrict__ x, volatile double* partial, double* result, size_t n) {
    double acc = 0.0;
    for (size_t i = blockIdx.x * (size_t)blockDim.x + threadIdx.x; i < n; i += (size_t)gridDim.x * blockDim.x) {
        const double v = x[i];
        acc += v * v;
    }
    acc = block_sum(acc);
    __shared__ bool am_last;
    if (threadIdx.x == 0) {
        partial[blockIdx.x] = acc;
        __threadfence();
        unsigned int ticket = atomicInc(&g_blocks_done, gridDim.x);
        am_last = (ticket == gridDim.x - 1);
    }
    __syncthreads();
    if (am_last) {
        double sum = 0.0;
        for (int i = threadIdx.x; i < gridDim.x; i += blockDim.x) sum += partial[i];
        sum = block_sum(sum);
        if (threadIdx.x == 0) {
            *result = sum;
            g_blocks_done = 0;
        }
    }
}

__global__ void divide_kernel(const float* __restrict__ x, const double* __restrict__ sumsq, float* __restrict__ y,
                              size_t n) {
    const float inv = (float)(1.0 / sqrt(*sumsq));
    for (size_t i = blockIdx.x * (size_t)blockDim.x + threadIdx.x; i < n; i += (size_t)gridDim.x * blockDim.x)
        y[i] = x[i] * inv;
}

torch::Tensor frobenius(torch::Tensor x) {
    x = x.contiguous();
    auto y = torch::empty_like(x);
    const size_t n = x.numel();
    const int blocks = (int)std::min<size_t>((n + 255) / 256, 128);
    auto scratch = torch::empty({blocks + 1}, x.options().dtype(torch::kFloat64));
    double* p = scratch.data_ptr<double>();
    auto s = at::cuda::getCurrentCUDAStream();
    sumsq_kernel<<<blocks, 256, 0, s>>>(x.data_ptr<float>(), p + 1, p, n);
    divide_kernel<<<blocks, 256, 0, s>>>(x.data_ptr<float>(), p, y.data_ptr<float>(), n);
    return y;
}
"""

ext = load_inline("frobenius", "torch::Tensor frobenius(torch::Tensor x);", source, functions=["frobenius"])


class ModelNew(nn.Module):
    def __init__(self):
        super().__init__()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return ext.frobenius(x)
