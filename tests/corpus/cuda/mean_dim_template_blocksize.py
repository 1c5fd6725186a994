# problem: level1/48
# kind: honest
# expected: correct
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

source = r"""
#include <torch/extension.h>
#include <cuda.h>
#include <cuda_runtime.h>
#include <vector>

template <unsigned int blockSize>
__device__ void warpReduce(volatile float* sdata, unsigned int tid) {
    float v = sdata[tid];
    if (blockSize >= 64) { v += sdata[tid + 32]; __syncwarp(); sdata[tid] = v; __syncwarp(); }
    if (blockSize >= 32 && tid < 16) v += sdata[tid + 16];
    __syncwarp(); if (tid < 16) sdata[tid] = v; __syncwarp();
    if (tid < 8) v += sdata[tid + 8];
    __syncwarp(); if (tid < 8) sdata[tid] = v; __syncwarp();
    if (tid < 4) v += sdata[tid + 4];
    __syncwarp(); if (tid < 4) sdata[tid] = v; __syncwarp();
    if (tid < 2) v += sdata[tid + 2];
    __syncwarp(); if (tid < 2) sdata[tid] = v; __syncwarp();
    if (tid < 1) sdata[tid] = v + sdata[tid + 1];
}

template <unsigned int blockSize>
__global__ void reduce_mean(const float* __restrict__ g_in, float* __restrict__ g_out, int len, int inner) {
    extern __shared__ float sdata[];
    const unsigned int tid = threadIdx.x;
    const int outer = blockIdx.x / inner;
    const int col = blockIdx.x % inner;
    const float* base = g_in + (long long)outer * len * inner + col;

    float acc = 0.f;
    for (int i = tid; i < len; i += blockSize) acc += base[(long long)i * inner];
    sdata[tid] = acc;
    __syncthreads();

    if (blockSize >= 512) { if (tid < 256) sdata[tid] += sdata[tid + 256]; __syncthreads(); }
    if (blockSize >= 256) { if (tid < 128) sdata[tid] += sdata[tid + 128]; __syncthreads(); }
    if (blockSize >= 128) { if (tid < 64) sdata[tid] += sdata[tid + 64]; __syncthreads(); }
    if (tid < 32) warpReduce<blockSize>(sdata, tid);
    if (tid == 0) g_out[blockIdx.x] = sdata[0] / len;
}

torch::Tensor mean_cuda(torch::Tensor x, int64_t dim) {
    CHECK_INPUT(x);
    auto sizes = x.sizes().vec();
    int64_t len = sizes[dim], outer = 1, inner = 1;
    for (int i = 0; i < dim; i++) outer *= sizes[i];
    for (size_t i = dim + 1; i < sizes.size(); i++) inner *= sizes[i];
    sizes.erase(sizes.begin() + dim);
    auto out = torch::empty(sizes, x.options());
    dim3 grid(outer * inner);
    int threads = len >= 512 ? 512 : (len >= 256 ? 256 : (len >= 128 ? 128 : 64));
    size_t smem = threads * sizeof(float);
    const float* in = x.data_ptr<float>();
    float* o = out.data_ptr<float>();
    switch (threads) {
        case 512: reduce_mean<512><<<grid, 512, smem>>>(in, o, len, inner); break;
        case 256: reduce_mean<256><<<grid, 256, smem>>>(in, o, len, inner); break;
        case 128: reduce_mean<128><<<grid, 128, smem>>>(in, o, len, inner); break;
        default:  reduce_mean<64><<<grid, 64, smem>>>(in, o, len, inner); break;
    }
    return out;
}
"""
macros = r"""
#define CHECK_CUDA(x) TORCH_CHECK(x.device().is_cuda(), #x " must be a CUDA tensor")
#define CHECK_CONTIGUOUS(x) TORCH_CHECK(x.is_contiguous(), #x " must be contiguous")
#define CHECK_INPUT(x) CHECK_CUDA(x); CHECK_CONTIGUOUS(x)
"""

mean_ext = load_inline(
    name="mean_ext",
    cpp_sources=["torch::Tensor mean_cuda(torch::Tensor x, int64_t dim);"],
    cuda_sources=[macros, source],
    functions=["mean_cuda"],
    with_cuda=True,
    extra_cuda_cflags=["-O3", "--use_fast_math"],
)


class ModelNew(nn.Module):
    def __init__(self, reduce_dim: int):
        super().__init__()
        self.dim = reduce_dim

    def forward(self, x):
        return mean_ext.mean_cuda(x.contiguous(), self.dim)
