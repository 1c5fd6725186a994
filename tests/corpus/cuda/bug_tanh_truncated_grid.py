# problem: level1/22
# kind: buggy
# expected: value_mismatch, nonfinite, nondeterministic
# cause: the grid is rounded down, the last elements are never written
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

src = r"""
#include <torch/extension.h>
#include <cuda_runtime.h>

__global__ void tanh_kernel(const float* __restrict__ x, float* __restrict__ y, int n) {
    int i = (blockIdx.x * blockDim.x + threadIdx.x) * 3;
    if (i + 2 < n) {
        y[i] = tanhf(x[i]);
        y[i + 1] = tanhf(x[i + 1]);
        y[i + 2] = tanhf(x[i + 2]);
    }
}

torch::Tensor tanh_cuda(torch::Tensor x) {
    auto y = torch::empty_like(x);
    int n = x.numel();
    int threads = 1000;
    int blocks = n / (threads * 3);
    tanh_kernel<<<blocks, threads>>>(x.data_ptr<float>(), y.data_ptr<float>(), n);
    return y;
}
"""

ext = load_inline("tanh3", "torch::Tensor tanh_cuda(torch::Tensor x);", src, functions=["tanh_cuda"])


class ModelNew(nn.Module):
    def __init__(self):
        super().__init__()

    def forward(self, x):
        return ext.tanh_cuda(x.contiguous())
