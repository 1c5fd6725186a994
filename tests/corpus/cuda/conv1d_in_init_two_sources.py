# problem: level1/76
# kind: honest
# expected: correct
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

HEADER = r"""
#include <torch/extension.h>
#include <cuda_runtime.h>
#include <c10/cuda/CUDAGuard.h>
#include <vector>
#define DIVUP(a, b) (((a) + (b) - 1) / (b))
#define KERNEL_LAUNCH(kernel, grid, block, stream, ...) \
    do {                                                \
        kernel<<<grid, block, 0, stream>>>(__VA_ARGS__); \
        C10_CUDA_KERNEL_LAUNCH_CHECK();                 \
    } while (0)
"""

KERNELS = r"""
namespace {
__global__ void conv1d_fwd(const float* __restrict__ x, const float* __restrict__ w, float* __restrict__ y,
                           int in_c, int len, int out_c, int out_len, int ks, int stride, int dil) {
    __shared__ float ws[1024];
    const int oc = blockIdx.y, n = blockIdx.z;
    for (int i = threadIdx.x; i < in_c * ks; i += blockDim.x) ws[i] = w[oc * in_c * ks + i];
    __syncthreads();
    for (int o = blockIdx.x * blockDim.x + threadIdx.x; o < out_len; o += gridDim.x * blockDim.x) {
        float acc = 0.f;
        const float* xp = x + (int64_t)n * in_c * len + o * stride;
        for (int c = 0; c < in_c; ++c, xp += len)
            for (int k = 0; k < ks; ++k) acc = fmaf(ws[c * ks + k], xp[k * dil], acc);
        y[((int64_t)n * out_c + oc) * out_len + o] = acc;
    }
}
}  // namespace
"""

HOST = r"""
torch::Tensor conv1d_forward(torch::Tensor x, torch::Tensor w, int stride, int dilation) {
    const at::cuda::OptionalCUDAGuard guard(at::device_of(x));
    x = x.contiguous();
    w = w.contiguous();
    const int n = x.size(0), c = x.size(1), len = x.size(2), oc = w.size(0), ks = w.size(2);
    TORCH_CHECK(c * ks <= 1024, "filter too large: ", c, " x ", ks);
    const int out_len = (len - dilation * (ks - 1) - 1) / stride + 1;
    auto y = x.new_empty({n, oc, out_len});
    KERNEL_LAUNCH(conv1d_fwd, dim3(DIVUP(out_len, 256), oc, n), dim3(256), at::cuda::getCurrentCUDAStream(),
                  x.data_ptr<float>(), w.data_ptr<float>(), y.data_ptr<float>(),
                  c, len, oc, out_len, ks, stride, dilation);
    return y;
}
"""

DECL = "torch::Tensor conv1d_forward(torch::Tensor x, torch::Tensor w, int stride, int dilation);"


class ModelNew(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, dilation=1, bias=False):
        super().__init__()
        self.conv = nn.Conv1d(in_channels, out_channels, kernel_size, stride=stride, dilation=dilation, bias=bias)
        self.stride, self.dilation = stride, dilation
        self.op = load_inline(
            name="conv1d_strided_dilated",
            cpp_sources=[DECL],
            cuda_sources=[HEADER, KERNELS, HOST],
            functions={"conv1d_forward": "strided, dilated 1D convolution"},
            extra_cuda_cflags=["-O3", "-lineinfo"],
        )

    def forward(self, x):
        return self.op.conv1d_forward(x, self.conv.weight, self.stride, self.dilation)
