# problem: level1/31
# kind: buggy
# expected: runtime_error
# cause: misaligned: every row is read as float4, but rows start aligned only if their length is a multiple of four
# sizes: unseen
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

src = r"""
#include <torch/extension.h>
#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDAException.h>

__device__ __forceinline__ float elu(float v, float alpha) { return v > 0.f ? v : alpha * expm1f(v); }

// blockIdx.y is the row; the last dim % 4 elements are done one by one.
__global__ void elu_rows(const float* __restrict__ x, float* __restrict__ y, int dim, float alpha) {
    const float* in = x + (size_t)blockIdx.y * dim;
    float* out = y + (size_t)blockIdx.y * dim;
    const int packs = dim / 4;
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < packs) {
        float4 v = reinterpret_cast<const float4*>(in)[i];
        v.x = elu(v.x, alpha);
        v.y = elu(v.y, alpha);
        v.z = elu(v.z, alpha);
        v.w = elu(v.w, alpha);
        reinterpret_cast<float4*>(out)[i] = v;
    }
    const int tail = packs * 4 + i;
    if (tail < dim) out[tail] = elu(in[tail], alpha);
}

torch::Tensor elu_forward(torch::Tensor x, double alpha) {
    x = x.contiguous();
    auto y = torch::empty_like(x);
    const int rows = x.size(0), dim = x.size(1);
    const dim3 grid((dim / 4 + 256) / 256, rows);
    elu_rows<<<grid, 256, 0, at::cuda::getCurrentCUDAStream()>>>(
        x.data_ptr<float>(), y.data_ptr<float>(), dim, (float)alpha);
    C10_CUDA_KERNEL_LAUNCH_CHECK();
    return y;
}
"""

ext = load_inline(
    name="elu_rows",
    cpp_sources="torch::Tensor elu_forward(torch::Tensor x, double alpha);",
    cuda_sources=src,
    functions=["elu_forward"],
)


class ModelNew(nn.Module):
    def __init__(self, alpha: float = 1.0):
        super().__init__()
        self.alpha = alpha

    def forward(self, x):
        return ext.elu_forward(x, self.alpha)
