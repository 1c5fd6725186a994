# problem: level1/64
# kind: honest
# expected: correct
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

src = r"""
#include <torch/extension.h>
#include <cuda_runtime.h>

// Scatter with atomics: one thread per (n, o, i), the reduction over input channels in registers.
__global__ void conv_t1d(const float* __restrict__ x, const float* __restrict__ w, float* __restrict__ y,
                         int N, int C, int L, int O, int K) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    const int o = blockIdx.y;
    const int n = blockIdx.z;
    if (i >= L) return;
    const int OL = L + K - 1;
    for (int k = 0; k < K; ++k) {
        float acc = 0.f;
        for (int c = 0; c < C; ++c) acc += x[(n * C + c) * L + i] * w[(c * O + o) * K + k];
        atomicAdd(y + (n * O + o) * OL + i + k, acc);
    }
}

torch::Tensor conv_transpose1d(torch::Tensor x, torch::Tensor w) {
    const int N = x.size(0), C = x.size(1), L = x.size(2), O = w.size(1), K = w.size(2);
    auto y = torch::zeros({N, O, L + K - 1}, x.options());
    const dim3 grid((L + 255) / 256, O, N);
    conv_t1d<<<grid, 256>>>(x.data_ptr<float>(), w.data_ptr<float>(), y.data_ptr<float>(), N, C, L, O, K);
    cudaDeviceSynchronize();
    return y;
}
"""

ext = load_inline(
    name="convt1d",
    cpp_sources="torch::Tensor conv_transpose1d(torch::Tensor x, torch::Tensor w);",
    cuda_sources=src,
    functions=["conv_transpose1d"],
)


class ModelNew(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size):
        super().__init__()
        self.conv = nn.ConvTranspose1d(in_channels, out_channels, kernel_size, bias=False)

    def forward(self, x):
        return ext.conv_transpose1d(x.contiguous(), self.conv.weight.contiguous())
