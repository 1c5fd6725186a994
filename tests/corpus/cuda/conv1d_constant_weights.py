# problem: level1/67
# kind: honest
# expected: correct
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

src = r"""
#include <torch/extension.h>
#include <cuda_runtime.h>
#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDAException.h>

#define MAX_WEIGHTS 16384  // 64 KB, all of constant memory
__constant__ float c_weight[MAX_WEIGHTS];

#define OC_PER_THREAD 8

__global__ void conv1d_kernel(const float* __restrict__ x, float* __restrict__ y,
                              int C, int L, int O, int K, int OL) {
    const int o0 = blockIdx.y * OC_PER_THREAD;
    const int n = blockIdx.z;
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= OL) return;
    float acc[OC_PER_THREAD] = {0};
    for (int c = 0; c < C; ++c) {
        const float* in = x + (n * C + c) * L + i;
        for (int k = 0; k < K; ++k) {
            const float v = __ldg(in + k);
            #pragma unroll
            for (int o = 0; o < OC_PER_THREAD; ++o)
                acc[o] += v * c_weight[((o0 + o) * C + c) * K + k];
        }
    }
    #pragma unroll
    for (int o = 0; o < OC_PER_THREAD; ++o)
        if (o0 + o < O) y[(n * O + o0 + o) * OL + i] = acc[o];
}

torch::Tensor conv1d(torch::Tensor x, torch::Tensor w) {
    x = x.contiguous();
    w = w.contiguous();
    TORCH_CHECK(w.numel() <= MAX_WEIGHTS - OC_PER_THREAD * w.size(1) * w.size(2), "weights exceed constant memory");
    const int N = x.size(0), C = x.size(1), L = x.size(2), O = w.size(0), K = w.size(2), OL = L - K + 1;
    cudaStream_t stream = at::cuda::getCurrentCUDAStream();
    C10_CUDA_CHECK(cudaMemcpyToSymbolAsync(c_weight, w.data_ptr<float>(), w.numel() * sizeof(float), 0,
                                           cudaMemcpyDeviceToDevice, stream));
    auto y = torch::empty({N, O, OL}, x.options());
    dim3 grid((OL + 127) / 128, (O + OC_PER_THREAD - 1) / OC_PER_THREAD, N);
    conv1d_kernel<<<grid, 128, 0, stream>>>(x.data_ptr<float>(), y.data_ptr<float>(), C, L, O, K, OL);
    C10_CUDA_KERNEL_LAUNCH_CHECK();
    return y;
}
"""

ext = load_inline(
    name="conv1d_const",
    cpp_sources="torch::Tensor conv1d(torch::Tensor x, torch::Tensor w);",
    cuda_sources=src,
    functions=["conv1d"],
)


class ModelNew(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size):
        super().__init__()
        self.conv = nn.Conv1d(in_channels, out_channels, kernel_size, bias=False)

    def forward(self, x):
        return ext.conv1d(x, self.conv.weight)
