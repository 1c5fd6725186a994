# problem: level2/14
# kind: honest
# expected: correct
# sum_j (x W^T)[i, j] = x[i] . (sum_j W[j]): two matrix-vector sized kernels instead of a product.
import torch
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

src = r"""
#include <torch/extension.h>
#include <cuda_runtime.h>

__global__ void column_sums(const float* __restrict__ w, float* __restrict__ s, int rows, int cols) {
    __shared__ float part[8][33];
    int c = blockIdx.x * 32 + threadIdx.x;
    float acc = 0.f;
    if (c < cols) {
        #pragma unroll 4
        for (int r = threadIdx.y; r < rows; r += 8) acc += w[(size_t)r * cols + c];
    }
    part[threadIdx.y][threadIdx.x] = acc;
    __syncthreads();
    if (threadIdx.y == 0 && c < cols) {
        for (int k = 1; k < 8; ++k) acc += part[k][threadIdx.x];
        s[c] = acc;
    }
}

__global__ void row_dots(const float* __restrict__ x, const float* __restrict__ s, float* __restrict__ y, int cols,
                         float f) {
    float acc = 0.f;
    for (int c = threadIdx.x; c < cols; c += blockDim.x) acc = __fmaf_rn(x[(size_t)blockIdx.x * cols + c], s[c], acc);
    __shared__ float warp_part[32];
    for (int o = warpSize >> 1; o; o >>= 1) acc += __shfl_down_sync(__activemask(), acc, o);
    if ((threadIdx.x & 31) == 0) warp_part[threadIdx.x >> 5] = acc;
    __syncthreads();
    if (threadIdx.x < 32) {
        acc = threadIdx.x < blockDim.x / 32 ? warp_part[threadIdx.x] : 0.f;
        for (int o = 16; o; o >>= 1) acc += __shfl_down_sync(0xffffffff, acc, o);
        if (!threadIdx.x) y[blockIdx.x] = acc * f;
    }
}

torch::Tensor go(torch::Tensor x, torch::Tensor w, double scale) {
    auto s = torch::empty({w.size(1)}, w.options());
    auto y = torch::empty({x.size(0), 1}, x.options());
    column_sums<<<(w.size(1) + 31) / 32, {32, 8}>>>(w.data_ptr<float>(), s.data_ptr<float>(), w.size(0), w.size(1));
    row_dots<<<x.size(0), 128>>>(x.data_ptr<float>(), s.data_ptr<float>(), y.data_ptr<float>(), x.size(1), scale * 0.5);
    return y;
}
"""

ext = load_inline(
    name="reassociated",
    cpp_sources="torch::Tensor go(torch::Tensor x, torch::Tensor w, double scale);",
    cuda_sources=src,
    functions=["go"],
)


class ModelNew(nn.Module):
    def __init__(self, input_size, hidden_size, scaling_factor):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(hidden_size, input_size))
        self.scaling_factor = scaling_factor

    def forward(self, x):
        return ext.go(x.contiguous(), self.weight.contiguous(), self.scaling_factor)
