# problem: level1/39
# kind: honest
# expected: correct
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

src = r"""
#include <torch/extension.h>
#include <cub/warp/warp_reduce.cuh>
#include <cuda_runtime.h>
#include <ATen/cuda/CUDAContext.h>

#define WARPS 4

__global__ void l2_norm(const float* __restrict__ x, float* __restrict__ y, int rows, int dim) {
    using WarpReduce = cub::WarpReduce<double>;
    __shared__ typename WarpReduce::TempStorage temp_storage[WARPS];
    int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
    int row = blockIdx.x * WARPS + warp;
    if (row >= rows) return;
    const float* in = x + (size_t)row * dim;
    double ss = 0;
    for (int i = lane; i < dim; i += 32) ss = fma((double)in[i], (double)in[i], ss);
    ss = WarpReduce(temp_storage[warp]).Sum(ss);
    ss = __shfl_sync(0xffffffff, ss, 0);
    float inv = __double2float_rn(rsqrt(ss));
    for (int i = lane; i < dim; i += 32) y[(size_t)row * dim + i] = in[i] * inv;
}

at::Tensor l2norm(at::Tensor x) {
    AT_ASSERTM(x.is_cuda(), "x must be CUDA");
    x = x.contiguous();
    at::Tensor y = at::empty_like(x);
    int rows = x.size(0);
    l2_norm<<<(rows + WARPS - 1) / WARPS, WARPS * 32, 0, at::cuda::getCurrentCUDAStream()>>>(
        x.data_ptr<float>(), y.data_ptr<float>(), rows, (int)x.size(1));
    return y;
}
"""

m = load_inline(name="l2", cpp_sources="at::Tensor l2norm(at::Tensor x);", cuda_sources=src, functions=["l2norm"])


class ModelNew(nn.Module):
    def forward(self, x):
        return m.l2norm(x)
