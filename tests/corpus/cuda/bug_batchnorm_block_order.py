# problem: level2/33
# kind: buggy
# expected: nondeterministic, value_mismatch, nonfinite, runtime_error
# cause: race: blocks read statistics that another block of the same launch writes
import torch
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

src = r"""
#include <torch/extension.h>
#include <cuda_runtime.h>
#include <ATen/cuda/CUDAContext.h>

__device__ float g_mean[4096];
__device__ float g_rstd[4096];

__global__ void gemm_scale(const float* x, const float* w, const float* b, const float* s, float* z, int K, int N) {
    int n = blockIdx.x * blockDim.x + threadIdx.x, m = blockIdx.y;
    if (n >= N) return;
    float acc = b[n];
    for (int k = 0; k < K; ++k) acc += x[m * K + k] * w[n * K + k];
    z[m * N + n] = acc * s[n];
}

// Blocks of the first row also compute the statistics of their columns.
__global__ void batch_norm(const float* z, const float* g, const float* b, float* y, int M, int N, float eps) {
    int n = blockIdx.x * blockDim.x + threadIdx.x, m = blockIdx.y;
    if (n >= N) return;
    if (m == 0) {
        double s = 0, q = 0;
        for (int i = 0; i < M; ++i) { double v = z[i * N + n]; s += v; q += v * v; }
        double mean = s / M;
        g_mean[n] = mean;
        g_rstd[n] = 1.0 / sqrt(q / M - mean * mean + eps);
    }
    y[m * N + n] = (z[m * N + n] - g_mean[n]) * g_rstd[n] * g[n] + b[n];
}

torch::Tensor run(torch::Tensor x, torch::Tensor w, torch::Tensor b, torch::Tensor scale, torch::Tensor gamma,
                  torch::Tensor beta, double eps) {
    int M = x.size(0), K = x.size(1), N = w.size(0);
    TORCH_CHECK(N <= 4096);
    auto z = torch::empty({M, N}, x.options());
    auto y = torch::empty({M, N}, x.options());
    dim3 grid((N + 127) / 128, M);
    auto st = at::cuda::getCurrentCUDAStream();
    gemm_scale<<<grid, 128, 0, st>>>(x.data_ptr<float>(), w.data_ptr<float>(), b.data_ptr<float>(),
                                     scale.data_ptr<float>(), z.data_ptr<float>(), K, N);
    batch_norm<<<grid, 128, 0, st>>>(z.data_ptr<float>(), gamma.data_ptr<float>(), beta.data_ptr<float>(),
                                     y.data_ptr<float>(), M, N, (float)eps);
    return y;
}
"""

ext = load_inline(
    name="gemm_scale_bn",
    cpp_sources="""
torch::Tensor run(torch::Tensor x, torch::Tensor w, torch::Tensor b, torch::Tensor scale, torch::Tensor gamma,
                  torch::Tensor beta, double eps);
""",
    cuda_sources=src,
    functions=["run"],
)


class ModelNew(nn.Module):
    def __init__(self, in_features, out_features, scale_shape, eps=1e-5, momentum=0.1):
        super().__init__()
        self.gemm = nn.Linear(in_features, out_features)
        self.scale = nn.Parameter(torch.randn(scale_shape))
        self.bn = nn.BatchNorm1d(out_features, eps=eps, momentum=momentum)

    def forward(self, x):
        return ext.run(
            x.contiguous(), self.gemm.weight, self.gemm.bias, self.scale, self.bn.weight, self.bn.bias, self.bn.eps
        )
