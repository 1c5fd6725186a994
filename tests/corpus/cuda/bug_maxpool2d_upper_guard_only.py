# problem: level1/42
# kind: buggy
# expected: runtime_error, value_mismatch, nonfinite, nondeterministic
# cause: out_of_bounds: the window is checked against the far edges only, with padding it starts before the image
import torch
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

src = r"""
#include <torch/extension.h>
#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDAException.h>
#include <cfloat>

__global__ void max_pool2d(const float* __restrict__ x, float* __restrict__ y, int H, int W, int OH, int OW,
                           int k, int stride, int pad, int dil) {
    const int ow = blockIdx.x * blockDim.x + threadIdx.x;
    const int oh = blockIdx.y * blockDim.y + threadIdx.y;
    if (ow >= OW || oh >= OH) return;
    const float* plane = x + (size_t)blockIdx.z * H * W;
    float best = -FLT_MAX;
    for (int i = 0; i < k; ++i) {
        const int h = oh * stride - pad + i * dil;
        if (h >= H) break;
        for (int j = 0; j < k; ++j) {
            const int w = ow * stride - pad + j * dil;
            if (w >= W) break;
            best = fmaxf(best, plane[h * W + w]);
        }
    }
    y[((size_t)blockIdx.z * OH + oh) * OW + ow] = best;
}

torch::Tensor max_pool2d_forward(torch::Tensor x, int64_t k, int64_t stride, int64_t pad, int64_t dil) {
    x = x.contiguous();
    const int N = x.size(0), C = x.size(1), H = x.size(2), W = x.size(3);
    const int OH = (H + 2 * pad - dil * (k - 1) - 1) / stride + 1;
    const int OW = (W + 2 * pad - dil * (k - 1) - 1) / stride + 1;
    auto y = torch::empty({N, C, OH, OW}, x.options());
    const dim3 block(32, 8), grid((OW + 31) / 32, (OH + 7) / 8, N * C);
    max_pool2d<<<grid, block, 0, at::cuda::getCurrentCUDAStream()>>>(
        x.data_ptr<float>(), y.data_ptr<float>(), H, W, OH, OW, k, stride, pad, dil);
    C10_CUDA_KERNEL_LAUNCH_CHECK();
    return y;
}
"""

ext = load_inline(
    name="max_pool2d_guard",
    cpp_sources="torch::Tensor max_pool2d_forward(torch::Tensor x, int64_t k, int64_t s, int64_t p, int64_t d);",
    cuda_sources=src,
    functions=["max_pool2d_forward"],
)


class ModelNew(nn.Module):
    def __init__(self, kernel_size: int, stride: int, padding: int, dilation: int):
        super().__init__()
        self.args = (kernel_size, stride, padding, dilation)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return ext.max_pool2d_forward(x, *self.args)
