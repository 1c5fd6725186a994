# problem: level1/44
# kind: buggy
# expected: runtime_error, value_mismatch, nonfinite, nondeterministic
# cause: out_of_bounds: the tile in shared memory lacks the last element of its halo
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

src = r"""
#include <torch/extension.h>
#include <cuda_runtime.h>

template <int BLOCK, int K>
__global__ void avg_pool1d_kernel(const float* __restrict__ x, float* __restrict__ y, int len, int out_len, int pad) {
    __shared__ float tile[BLOCK + K - 2];
    const int start = blockIdx.x * BLOCK - pad;
    const float* in = x + (size_t)blockIdx.y * len;
    for (int i = threadIdx.x; i < BLOCK + K - 1; i += BLOCK) {
        const int at = start + i;
        tile[i] = at >= 0 && at < len ? in[at] : 0.f;
    }
    __syncthreads();
    const int o = blockIdx.x * BLOCK + threadIdx.x;
    if (o < out_len) {
        float s = 0.f;
#pragma unroll
        for (int k = 0; k < K; ++k) s += tile[threadIdx.x + k];
        y[(size_t)blockIdx.y * out_len + o] = s / K;
    }
}

torch::Tensor avg_pool1d(torch::Tensor x, int k, int stride, int pad) {
    TORCH_CHECK(k == 8 && stride == 1, "specialised for kernel 8, stride 1");
    int rows = x.size(0) * x.size(1), len = x.size(2), out_len = len + 2 * pad - k + 1;
    auto y = torch::empty({x.size(0), x.size(1), out_len}, x.options());
    dim3 grid((out_len + 255) / 256, rows);
    avg_pool1d_kernel<256, 8><<<grid, 256>>>(x.data_ptr<float>(), y.data_ptr<float>(), len, out_len, pad);
    return y;
}
"""

ext = load_inline(
    name="avgpool1d_tile",
    cpp_sources="torch::Tensor avg_pool1d(torch::Tensor x, int k, int stride, int pad);",
    cuda_sources=src,
    functions=["avg_pool1d"],
)


class ModelNew(nn.Module):
    def __init__(self, kernel_size, stride=1, padding=0):
        super().__init__()
        self.args = (kernel_size, stride, padding)

    def forward(self, x):
        return ext.avg_pool1d(x.contiguous(), *self.args)
