# problem: level2/59
# kind: buggy
# expected: runtime_error, value_mismatch, nonfinite, nondeterministic
# cause: warp_mask: the upper half of a warp shuffles with a mask that names the lower half only
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

src = r"""
#include <torch/extension.h>
#include <cuda_runtime.h>

// 16 lanes per output feature, two features per warp.
__global__ void linear_swish(const float* __restrict__ x, const float* __restrict__ w, const float* __restrict__ b,
                             float* __restrict__ y, int K, int N, float scale) {
    const int sub = threadIdx.x & 15;
    const int n = (blockIdx.x * blockDim.x + threadIdx.x) >> 4;
    const float* xr = x + (size_t)blockIdx.y * K;
    const float* wr = w + (size_t)n * K;
    float acc = 0.f;
    for (int k = sub; k < K; k += 16) acc += xr[k] * wr[k];
    for (int o = 8; o > 0; o >>= 1) acc += __shfl_down_sync(0x0000ffff, acc, o, 16);
    if (sub == 0) {
        const float h = acc + b[n];
        y[(size_t)blockIdx.y * N + n] = h / (1.f + expf(-h)) * scale;
    }
}

torch::Tensor run(torch::Tensor x, torch::Tensor w, torch::Tensor b, double scale) {
    int M = x.size(0), K = x.size(1), N = w.size(0);
    TORCH_CHECK(N % 8 == 0);
    auto y = torch::empty({M, N}, x.options());
    linear_swish<<<dim3(N / 8, M), 128>>>(x.data_ptr<float>(), w.data_ptr<float>(), b.data_ptr<float>(),
                                          y.data_ptr<float>(), K, N, (float)scale);
    return y;
}
"""

ext = load_inline(
    name="linear_swish",
    cpp_sources="torch::Tensor run(torch::Tensor x, torch::Tensor w, torch::Tensor b, double scale);",
    cuda_sources=src,
    functions=["run"],
)


class ModelNew(nn.Module):
    def __init__(self, in_features, out_features, scaling_factor):
        super().__init__()
        self.matmul = nn.Linear(in_features, out_features)
        self.scaling_factor = scaling_factor

    def forward(self, x):
        return ext.run(x.contiguous(), self.matmul.weight, self.matmul.bias, self.scaling_factor)
