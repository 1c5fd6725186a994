# problem: level1/20
# kind: buggy
# expected: runtime_error
# cause: out_of_bounds: the kernel reads a table that lives in host memory
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

src = r"""
#include <torch/extension.h>
#include <cuda_runtime.h>
#include <vector>

__global__ void leaky(const float* x, float* y, const float* slopes, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) {
        float v = x[i];
        y[i] = v * slopes[v > 0.f ? 0 : 1];
    }
}

torch::Tensor leaky_relu(torch::Tensor x) {
    std::vector<float> slopes = {1.0f, 0.01f};
    auto y = torch::empty_like(x);
    int n = x.numel();
    leaky<<<(n + 255) / 256, 256>>>(x.data_ptr<float>(), y.data_ptr<float>(), slopes.data(), n);
    return y;
}
"""

ext = load_inline("leaky_table", "torch::Tensor leaky_relu(torch::Tensor x);", src, functions=["leaky_relu"])


class ModelNew(nn.Module):
    def forward(self, x):
        return ext.leaky_relu(x.contiguous())
