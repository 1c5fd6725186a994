# problem: level1/94
# kind: honest
# expected: correct
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

src = r"""
#include <torch/extension.h>
#include <ATen/ceil_div.h>
#include <ATen/cuda/CUDAContext.h>
#include <cub/device/device_reduce.cuh>

__global__ void squared_error(const float* __restrict__ a, const float* __restrict__ b, float* __restrict__ e, int n) {
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += blockDim.x * gridDim.x) {
        float d = a[i] - b[i];
        e[i] = d * d;
    }
}

torch::Tensor mse(torch::Tensor a, torch::Tensor b) {
    a = a.contiguous();
    b = b.contiguous();
    const int n = a.numel();
    auto e = torch::empty_like(a);
    auto total = torch::empty({1}, a.options());
    auto stream = at::cuda::getCurrentCUDAStream();
    squared_error<<<at::ceil_div(n, 256), 256, 0, stream>>>(
        a.data_ptr<float>(), b.data_ptr<float>(), e.data_ptr<float>(), n);

    size_t temp_bytes = 0;
    cub::DeviceReduce::Sum(nullptr, temp_bytes, e.data_ptr<float>(), total.data_ptr<float>(), n, stream);
    auto temp = torch::empty({(int64_t)temp_bytes}, a.options().dtype(torch::kUInt8));
    cub::DeviceReduce::Sum(temp.data_ptr(), temp_bytes, e.data_ptr<float>(), total.data_ptr<float>(), n, stream);
    return (total / n).squeeze();
}
"""

ext = load_inline(
    name="mse_device_reduce",
    cpp_sources="torch::Tensor mse(torch::Tensor a, torch::Tensor b);",
    cuda_sources=src,
    functions=["mse"],
)


class ModelNew(nn.Module):
    def __init__(self):
        super().__init__()

    def forward(self, predictions, targets):
        return ext.mse(predictions, targets)
