# problem: level1/91
# kind: honest
# expected: correct
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

src = r"""
#include <torch/extension.h>
#include <cub/block/block_scan.cuh>
#include <cuda_runtime.h>

constexpr int BLOCK = 256;

__global__ void reverse_cumsum_kernel(const float* __restrict__ x, float* __restrict__ y, int n) {
    typedef cub::BlockScan<float, BLOCK> BlockScan;
    __shared__ typename BlockScan::TempStorage temp_storage;
    x += (long long)blockIdx.x * n;
    y += (long long)blockIdx.x * n;
    float carry = 0.f;
    for (int end = n; end > 0; end -= BLOCK) {
        int i = end - 1 - threadIdx.x;
        float v = i >= 0 ? x[i] : 0.f;
        float scanned, aggregate;
        BlockScan(temp_storage).InclusiveSum(v, scanned, aggregate);
        if (i >= 0) y[i] = carry + scanned;
        carry += aggregate;
        __syncthreads();
    }
}

torch::Tensor reverse_cumsum(torch::Tensor x, int64_t dim) {
    TORCH_CHECK(dim == x.dim() - 1 || dim == -1);
    auto in = x.contiguous();
    auto out = torch::empty_like(in);
    int n = in.size(-1);
    reverse_cumsum_kernel<<<in.numel() / n, BLOCK>>>(in.data_ptr<float>(), out.data_ptr<float>(), n);
    return out;
}
"""

ext = load_inline(
    name="rev_cumsum",
    cpp_sources="torch::Tensor reverse_cumsum(torch::Tensor x, int64_t dim);",
    cuda_sources=src,
    functions=["reverse_cumsum"],
)


class ModelNew(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.dim = dim

    def forward(self, x):
        return ext.reverse_cumsum(x, self.dim)
