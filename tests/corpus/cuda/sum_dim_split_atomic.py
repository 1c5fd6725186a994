# problem: level1/47
# kind: honest
# expected: correct
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

src = r"""
#include <torch/extension.h>
#include <ATen/cuda/CUDAContext.h>
#include <cuda_runtime.h>

// blockDim = (32, 8): 32 neighbouring columns, 8 rows at a time; gridDim.y splits the reduced dimension.
__global__ void sum_mid(const float* __restrict__ x, float* __restrict__ out, int D1, int D2, int chunk) {
    __shared__ float tile[8][33];
    const int col = blockIdx.x * 32 + threadIdx.x;
    const int begin = blockIdx.y * chunk;
    const int end = min(begin + chunk, D1);
    const float* base = x + (long long)blockIdx.z * D1 * D2;
    float a0 = 0.f, a1 = 0.f;
    if (col < D2) {
        int r = begin + threadIdx.y;
        for (; r + 8 < end; r += 16) {
            a0 += __ldg(base + (long long)r * D2 + col);
            a1 += __ldg(base + (long long)(r + 8) * D2 + col);
        }
        if (r < end) a0 += __ldg(base + (long long)r * D2 + col);
    }
    tile[threadIdx.y][threadIdx.x] = a0 + a1;
    __syncthreads();
    for (int s = 4; s > 0; s >>= 1) {
        if (threadIdx.y < s) tile[threadIdx.y][threadIdx.x] += tile[threadIdx.y + s][threadIdx.x];
        __syncthreads();
    }
    if (threadIdx.y == 0 && col < D2) {
        float* o = out + (long long)blockIdx.z * D2 + col;
        if (gridDim.y == 1) *o = tile[0][threadIdx.x];
        else atomicAdd(o, tile[0][threadIdx.x]);
    }
}

torch::Tensor sum_dim1(torch::Tensor x) {
    x = x.contiguous();
    const int B = x.size(0), D1 = x.size(1), D2 = x.size(2);
    auto out = torch::zeros({B, 1, D2}, x.options());
    int device = 0, sms = 0;
    cudaGetDevice(&device);
    cudaDeviceGetAttribute(&sms, cudaDevAttrMultiProcessorCount, device);
    const int column_blocks = (D2 + 31) / 32;
    int splits = (8 * sms + column_blocks * B - 1) / (column_blocks * B);
    splits = max(1, min(splits, (D1 + 63) / 64));
    const int chunk = (D1 + splits - 1) / splits;
    splits = (D1 + chunk - 1) / chunk;
    sum_mid<<<dim3(column_blocks, splits, B), dim3(32, 8), 0, at::cuda::getCurrentCUDAStream()>>>(
        x.data_ptr<float>(), out.data_ptr<float>(), D1, D2, chunk);
    return out;
}
"""

ext = load_inline(
    name="sum_dim1_split",
    cpp_sources="torch::Tensor sum_dim1(torch::Tensor x);",
    cuda_sources=src,
    functions=["sum_dim1"],
)


class ModelNew(nn.Module):
    def __init__(self, reduce_dim: int):
        super().__init__()
        self.reduce_dim = reduce_dim

    def forward(self, x):
        # bring the reduced dimension to the middle of a (outer, reduced, inner) view
        shape = list(x.shape)
        dim = self.reduce_dim % x.dim()
        outer, inner = 1, 1
        for size in shape[:dim]:
            outer *= size
        for size in shape[dim + 1 :]:
            inner *= size
        shape[dim] = 1
        return ext.sum_dim1(x.reshape(outer, -1, inner)).view(shape)
