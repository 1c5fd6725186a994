# problem: level1/41
# kind: honest
# expected: correct
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

cuda_src = r"""
#include <torch/extension.h>
#include <cuda_runtime.h>
#include <c10/cuda/CUDAException.h>

struct PoolParams {
    int length;
    int out_length;
    int kernel;
    int stride;
    int padding;
    int dilation;
};

__constant__ PoolParams c_params;

template <typename T>
__device__ __forceinline__ T neg_inf();
template <> __device__ __forceinline__ float neg_inf<float>() { return __int_as_float(0xff800000); }
template <> __device__ __forceinline__ double neg_inf<double>() { return __longlong_as_double(0xfff0000000000000LL); }

template <typename T>
__global__ void max_pool1d_kernel(const T* __restrict__ x, T* __restrict__ y, int64_t total) {
    const PoolParams& p = c_params;
    for (int64_t i = blockIdx.x * (int64_t)blockDim.x + threadIdx.x; i < total; i += (int64_t)blockDim.x * gridDim.x) {
        const int64_t row = i / p.out_length;
        const int start = int(i % p.out_length) * p.stride - p.padding;
        const T* in = x + row * p.length;
        T best = neg_inf<T>();
        for (int k = 0; k < p.kernel; ++k) {
            const int at = start + k * p.dilation;
            if (unsigned(at) < unsigned(p.length)) {
                const T v = __ldg(in + at);
                if (v > best || v != v) best = v;
            }
        }
        y[i] = best;
    }
}

torch::Tensor max_pool1d(torch::Tensor x, int64_t kernel, int64_t stride, int64_t padding, int64_t dilation) {
    auto input = x.contiguous();
    PoolParams p;
    p.length = input.size(2);
    p.kernel = kernel;
    p.stride = stride;
    p.padding = padding;
    p.dilation = dilation;
    p.out_length = (p.length + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1;
    C10_CUDA_CHECK(cudaMemcpyToSymbol(c_params, &p, sizeof(PoolParams)));

    auto out = torch::empty({input.size(0), input.size(1), p.out_length}, input.options());
    const int64_t total = out.numel();
    const int threads = 256;
    const int blocks = std::min<int64_t>((total + threads - 1) / threads, 4096);
    AT_DISPATCH_FLOATING_TYPES(input.scalar_type(), "max_pool1d", [&] {
        max_pool1d_kernel<scalar_t><<<blocks, threads>>>(input.data_ptr<scalar_t>(), out.data_ptr<scalar_t>(), total);
    });
    C10_CUDA_KERNEL_LAUNCH_CHECK();
    return out;
}
"""

cpp_src = """
torch::Tensor max_pool1d(torch::Tensor x, int64_t kernel, int64_t stride, int64_t padding, int64_t dilation);
"""

pool = load_inline(name="max_pool1d_const", cpp_sources=cpp_src, cuda_sources=cuda_src, functions=["max_pool1d"])


class ModelNew(nn.Module):
    def __init__(self, kernel_size, stride=None, padding=0, dilation=1, return_indices=False):
        super().__init__()
        assert not return_indices
        self.args = (kernel_size, stride or kernel_size, padding, dilation)

    def forward(self, x):
        return pool.max_pool1d(x, *self.args)
