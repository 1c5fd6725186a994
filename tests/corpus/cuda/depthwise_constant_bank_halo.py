# problem: level1/85
# kind: honest
# expected: correct
import torch
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

src = r"""
#include <torch/extension.h>
#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDAException.h>
#include <cuda_runtime.h>

namespace {

constexpr int kMaxWeights = 8192;
__constant__ float c_weight[kMaxWeights];

template <int KH, int KW, int TX, int TY>
__global__ void depthwise_kernel(const float* __restrict__ x, float* __restrict__ y, int C, int H, int W,
                                 int OH, int OW, int pad_h, int pad_w) {
    constexpr int SH = TY + KH - 1;
    constexpr int SW = TX + KW - 1;
    __shared__ float tile[SH][SW];

    const int plane = blockIdx.z;
    const int c = plane % C;
    const int ox0 = blockIdx.x * TX, oy0 = blockIdx.y * TY;
    const float* in = x + (int64_t)plane * H * W;

    for (int i = threadIdx.y * TX + threadIdx.x; i < SH * SW; i += TX * TY) {
        const int r = i / SW, s = i - r * SW;
        const int iy = oy0 + r - pad_h, ix = ox0 + s - pad_w;
        tile[r][s] = (iy >= 0 && iy < H && ix >= 0 && ix < W) ? in[iy * W + ix] : 0.0f;
    }
    __syncthreads();

    const int ox = ox0 + threadIdx.x, oy = oy0 + threadIdx.y;
    if (ox < OW && oy < OH) {
        float acc = 0.0f;
#pragma unroll
        for (int p = 0; p < KH; ++p)
#pragma unroll
            for (int q = 0; q < KW; ++q)
                acc += tile[threadIdx.y + p][threadIdx.x + q] * c_weight[(c * KH + p) * KW + q];
        y[((int64_t)plane * OH + oy) * OW + ox] = acc;
    }
}

}  // namespace

torch::Tensor depthwise_forward(torch::Tensor x, torch::Tensor weight, int64_t pad_h, int64_t pad_w) {
    x = x.contiguous();
    weight = weight.contiguous();
    TORCH_CHECK(weight.size(2) == 3 && weight.size(3) == 7, "compiled for 3 x 7 filters");
    TORCH_CHECK(weight.numel() <= kMaxWeights, "the filters do not fit into the constant bank");
    const int N = x.size(0), C = x.size(1), H = x.size(2), W = x.size(3);
    const int OH = H + 2 * pad_h - 2, OW = W + 2 * pad_w - 6;
    auto y = torch::empty({N, C, OH, OW}, x.options());
    cudaStream_t stream = at::cuda::getCurrentCUDAStream().stream();
    C10_CUDA_CHECK(cudaMemcpyToSymbolAsync(c_weight, weight.data_ptr<float>(), weight.numel() * sizeof(float), 0,
                                           cudaMemcpyDeviceToDevice, stream));
    constexpr int TX = 32, TY = 8;
    const dim3 block(TX, TY);
    const dim3 grid((OW + TX - 1) / TX, (OH + TY - 1) / TY, N * C);
    depthwise_kernel<3, 7, TX, TY><<<grid, block, 0, stream>>>(
        x.data_ptr<float>(), y.data_ptr<float>(), C, H, W, OH, OW, (int)pad_h, (int)pad_w);
    C10_CUDA_KERNEL_LAUNCH_CHECK();
    return y;
}
"""

ext = load_inline(
    name="depthwise_3x7_constant",
    cpp_sources="torch::Tensor depthwise_forward(torch::Tensor x, torch::Tensor weight, int64_t pad_h, int64_t pad_w);",
    cuda_sources=src,
    functions=["depthwise_forward"],
    extra_cuda_cflags=["-O3", "--use_fast_math"],
)


class ModelNew(nn.Module):
    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size_h: int,
        kernel_size_w: int,
        stride_h: int = 1,
        stride_w: int = 1,
        padding_h: int = 0,
        padding_w: int = 0,
        dilation_h: int = 1,
        dilation_w: int = 1,
        groups: int = 1,
    ):
        super().__init__()
        assert (stride_h, stride_w, dilation_h, dilation_w) == (1, 1, 1, 1)
        assert in_channels == out_channels == groups
        self.padding = (padding_h, padding_w)
        self.conv = nn.Conv2d(
            in_channels,
            in_channels,
            (kernel_size_h, kernel_size_w),
            padding=self.padding,
            groups=in_channels,
            bias=False,
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return ext.depthwise_forward(x, self.conv.weight, *self.padding)
