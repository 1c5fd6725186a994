# problem: level1/38
# kind: honest
# expected: correct
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

src = r"""
#include <torch/extension.h>
#include <cub/cub.cuh>
#include <cuda_runtime.h>

template <int BLOCK_THREADS, int ITEMS_PER_THREAD>
__global__ void l1_norm(const float* __restrict__ x, float* __restrict__ y, int dim) {
    typedef cub::BlockReduce<float, BLOCK_THREADS, cub::BLOCK_REDUCE_RAKING> BlockReduceT;
    typedef cub::BlockLoad<float, BLOCK_THREADS, ITEMS_PER_THREAD, cub::BLOCK_LOAD_STRIPED> BlockLoadT;
    __shared__ union TempStorage {
        typename BlockReduceT::TempStorage reduce;
        typename BlockLoadT::TempStorage load;
    } temp;
    __shared__ float s_inv;

    const float* row = x + (size_t)blockIdx.x * dim;
    float acc = 0.f;
    for (int base = 0; base < dim; base += BLOCK_THREADS * ITEMS_PER_THREAD) {
        float items[ITEMS_PER_THREAD];
        BlockLoadT(temp.load).Load(row + base, items, dim - base, 0.f);
        __syncthreads();
        #pragma unroll
        for (int i = 0; i < ITEMS_PER_THREAD; ++i) acc += fabsf(items[i]);
    }
    float sum = BlockReduceT(temp.reduce).Sum(acc);
    if (threadIdx.x == 0) s_inv = dim / sum;
    __syncthreads();
    for (int i = threadIdx.x; i < dim; i += BLOCK_THREADS) y[(size_t)blockIdx.x * dim + i] = row[i] * s_inv;
}

torch::Tensor l1norm(torch::Tensor x) {
    auto y = torch::empty_like(x);
    l1_norm<256, 4><<<x.size(0), 256>>>(x.data_ptr<float>(), y.data_ptr<float>(), x.size(1));
    return y;
}
"""

l1 = load_inline(
    name="l1_cub",
    cpp_sources="torch::Tensor l1norm(torch::Tensor x);",
    cuda_sources=src,
    functions=["l1norm"],
    extra_cuda_cflags=["-O3", "--expt-relaxed-constexpr", "-std=c++17"],
)


class ModelNew(nn.Module):
    def __init__(self):
        super().__init__()

    def forward(self, x):
        return l1.l1norm(x.contiguous())
