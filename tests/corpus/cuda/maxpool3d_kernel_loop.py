# problem: level1/43
# kind: honest
# expected: correct
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

source = r"""
#include <torch/extension.h>
#include <ATen/ATen.h>
#include <ATen/cuda/CUDAContext.h>
#include <ATen/cuda/detail/KernelUtils.h>
#include <cfloat>
#include <c10/cuda/CUDAGuard.h>

extern "C" __global__ void max_pool3d_forward(
    int n, const float* bottom, int channels, int D, int H, int W, int oD, int oH, int oW,
    int k, int s, int pad, int dil, float* top)
{
    CUDA_KERNEL_LOOP(index, n) {
        int pw = index % oW;
        int ph = (index / oW) % oH;
        int pd = (index / oW / oH) % oD;
        int c  = index / oW / oH / oD;
        const float* slice = bottom + (size_t)c * D * H * W;
        float maxval = -FLT_MAX;
        for (int a = 0; a < k; ++a) {
            int d = pd * s - pad + a * dil;
            if (d < 0 || d >= D) continue;
            for (int b = 0; b < k; ++b) {
                int h = ph * s - pad + b * dil;
                if (h < 0 || h >= H) continue;
                for (int e = 0; e < k; ++e) {
                    int w = pw * s - pad + e * dil;
                    if (w < 0 || w >= W) continue;
                    maxval = max(maxval, slice[(d * H + h) * W + w]);
                }
            }
        }
        top[index] = maxval;
    }
}

at::Tensor max_pool3d(const at::Tensor& x, int k, int s, int p, int d) {
    at::cuda::CUDAGuard device_guard(x.device());
    const auto input = x.contiguous();
    auto out_size = [&](int64_t in) { return (in + 2 * p - d * (k - 1) - 1) / s + 1; };
    const int64_t N = input.size(0), C = input.size(1), D = input.size(2), H = input.size(3), W = input.size(4);
    const int64_t oD = out_size(D), oH = out_size(H), oW = out_size(W);
    auto out = at::empty({N, C, oD, oH, oW}, input.options());
    const int count = out.numel();
    const int kThreads = 512;
    max_pool3d_forward<<<(count + kThreads - 1) / kThreads, kThreads, 0, at::cuda::getCurrentCUDAStream()>>>(
        count, input.data_ptr<float>(), C, D, H, W, oD, oH, oW, k, s, p, d, out.data_ptr<float>());
    AT_CUDA_CHECK(cudaGetLastError());
    return out;
}
"""

ext = load_inline(
    name="mp3d",
    cpp_sources="at::Tensor max_pool3d(const at::Tensor& x, int k, int s, int p, int d);",
    cuda_sources=source,
    functions=["max_pool3d"],
)


class ModelNew(nn.Module):
    def __init__(self, kernel_size, stride=None, padding=0, dilation=1, return_indices=False, ceil_mode=False):
        super().__init__()
        self.k, self.s, self.p, self.d = kernel_size, stride, padding, dilation

    def forward(self, x):
        return ext.max_pool3d(x, self.k, self.s, self.p, self.d)
