# problem: level1/86
# kind: honest
# expected: correct
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

cuda_source = r"""
#include <torch/extension.h>
#include <cuda_runtime.h>
#include <ATen/cuda/CUDAContext.h>

#define CUDA_1D_KERNEL_LOOP(i, n) \
    for (int i = (blockIdx.x * blockDim.x) + threadIdx.x; i < (n); i += (blockDim.x * gridDim.x))

inline int GET_BLOCKS(const int N, const int num_threads = 512) {
    return std::min((N + num_threads - 1) / num_threads, 4096);
}

template <typename T>
__global__ void depthwise_fwd(const int n, const T* x, const T* w, T* y, int C, int H, int W, int OH, int OW,
                              int K, int S, int P, int D) {
    CUDA_1D_KERNEL_LOOP(index, n) {
        const int ow = index % OW, oh = index / OW % OH, c = index / OW / OH % C, b = index / OW / OH / C;
        T v = 0;
        const T* f = w + c * K * K;
        for (int i = 0; i < K; ++i) {
            const int h = oh * S - P + i * D;
            for (int j = 0; j < K; ++j, ++f) {
                const int q = ow * S - P + j * D;
                if (h >= 0 && h < H && q >= 0 && q < W) v += *f * x[((b * C + c) * H + h) * W + q];
            }
        }
        y[index] = v;
    }
}

template <typename T, int OUT>
__global__ void pointwise_fwd(const T* x, const T* w, T* y, int C, int O, int P) {
    const int p = blockIdx.x * blockDim.x + threadIdx.x;
    const int o0 = blockIdx.y * OUT, b = blockIdx.z;
    if (p < P) {
        T acc[OUT];
        #pragma unroll
        for (int k = 0; k < OUT; ++k) acc[k] = T(0);
        for (int c = 0; c < C; ++c) {
            const T v = x[(b * C + c) * P + p];
            #pragma unroll
            for (int k = 0; k < OUT; ++k) if (o0 + k < O) acc[k] += v * w[(o0 + k) * C + c];
        }
        #pragma unroll
        for (int k = 0; k < OUT; ++k) if (o0 + k < O) y[(b * O + o0 + k) * P + p] = acc[k];
    }
}

torch::Tensor separable(torch::Tensor x, torch::Tensor dw, torch::Tensor pw, int S, int P, int D) {
    const int B = x.size(0), C = x.size(1), H = x.size(2), W = x.size(3), K = dw.size(2), O = pw.size(0);
    const int OH = (H + 2 * P - D * (K - 1) - 1) / S + 1, OW = (W + 2 * P - D * (K - 1) - 1) / S + 1;
    auto mid = torch::empty({B, C, OH, OW}, x.options());
    auto out = torch::empty({B, O, OH, OW}, x.options());
    const auto stream = at::cuda::getCurrentCUDAStream();
    AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "separable", ([&] {
        depthwise_fwd<scalar_t><<<GET_BLOCKS(mid.numel()), 512, 0, stream>>>(
            mid.numel(), x.data<scalar_t>(), dw.data<scalar_t>(), mid.data<scalar_t>(),
            C, H, W, OH, OW, K, S, P, D);
        pointwise_fwd<scalar_t, 4><<<dim3((OH * OW + 127) / 128, (O + 3) / 4, B), 128, 0, stream>>>(
            mid.data<scalar_t>(), pw.data<scalar_t>(), out.data<scalar_t>(), C, O, OH * OW);
    }));
    return out;
}
"""

ext = load_inline(
    name="separable",
    cpp_sources="torch::Tensor separable(torch::Tensor x, torch::Tensor dw, torch::Tensor pw, int S, int P, int D);",
    cuda_sources=cuda_source,
    functions=["separable"],
)


class ModelNew(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, bias=False):
        super().__init__()
        self.depthwise = nn.Conv2d(
            in_channels, in_channels, kernel_size, stride, padding, dilation, groups=in_channels, bias=bias
        )
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=bias)
        self.params = (stride, padding, dilation)

    def forward(self, x):
        return ext.separable(x.contiguous(), self.depthwise.weight.data, self.pointwise.weight.data, *self.params)
