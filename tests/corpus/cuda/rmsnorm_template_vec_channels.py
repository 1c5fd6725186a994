# problem: level1/36
# kind: honest
# expected: correct
import torch
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

source = r"""
#include <torch/extension.h>
#include <ATen/cuda/CUDAContext.h>
#include <cuda_runtime.h>

template <typename T, int N>
struct alignas(sizeof(T) * N) Pack {
    T v[N];
};

// A thread owns N neighbouring pixels and walks over the channels: every load of a warp is coalesced.
template <int N>
__global__ void rms_norm_kernel(const float* __restrict__ x, float* __restrict__ y,
                                const int C, const int HW, const float inv_C, const float eps) {
    using P = Pack<float, N>;
    const int p = (blockIdx.x * blockDim.x + threadIdx.x) * N;
    if (p >= HW) return;
    const size_t base = (size_t)blockIdx.y * C * HW + p;
    float acc[N];
#pragma unroll
    for (int j = 0; j < N; ++j) acc[j] = 0.0f;
#pragma unroll 4
    for (int c = 0; c < C; ++c) {
        const P t = *reinterpret_cast<const P*>(x + base + (size_t)c * HW);
#pragma unroll
        for (int j = 0; j < N; ++j) acc[j] = fmaf(t.v[j], t.v[j], acc[j]);
    }
#pragma unroll
    for (int j = 0; j < N; ++j) acc[j] = rsqrtf(fmaf(acc[j], inv_C, eps));
#pragma unroll 4
    for (int c = 0; c < C; ++c) {
        P t = *reinterpret_cast<const P*>(x + base + (size_t)c * HW);
#pragma unroll
        for (int j = 0; j < N; ++j) t.v[j] *= acc[j];
        *reinterpret_cast<P*>(y + base + (size_t)c * HW) = t;
    }
}

template <int N>
void launch(const torch::Tensor& x, torch::Tensor& y, int B, int C, int HW, float eps) {
    const int threads = 128;
    const dim3 grid((HW / N + threads - 1) / threads, B);
    rms_norm_kernel<N><<<grid, threads, 0, at::cuda::getCurrentCUDAStream()>>>(
        x.data_ptr<float>(), y.data_ptr<float>(), C, HW, 1.0f / C, eps);
}

torch::Tensor rms_norm(const torch::Tensor& x_in, double eps) {
    const auto x = x_in.contiguous();
    auto y = torch::empty_like(x);
    const int B = x.size(0), C = x.size(1), HW = x.size(2) * x.size(3);
    if (HW % 4 == 0)
        launch<4>(x, y, B, C, HW, (float)eps);
    else if (HW % 2 == 0)
        launch<2>(x, y, B, C, HW, (float)eps);
    else
        launch<1>(x, y, B, C, HW, (float)eps);
    const cudaError_t err = cudaGetLastError();
    TORCH_CHECK(err == cudaSuccess, "rms_norm failed: ", cudaGetErrorString(err));
    return y;
}
"""

ext = load_inline(
    name="rms_norm_channels",
    cpp_sources="torch::Tensor rms_norm(const torch::Tensor& x_in, double eps);",
    cuda_sources=source,
    functions=["rms_norm"],
    extra_cuda_cflags=["-O3", "--use_fast_math"],
)


class ModelNew(nn.Module):
    def __init__(self, num_features: int, eps: float = 1e-5):
        super().__init__()
        self.num_features = num_features
        self.eps = eps
        self.ext = ext

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.ext.rms_norm(x, self.eps)
