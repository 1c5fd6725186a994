# problem: level1/63
# kind: honest
# expected: correct
import torch
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

cuda_source = r"""
#include <torch/extension.h>
#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDAException.h>

// Implicit GEMM: Y[m, n] = sum_k Wt[m, k] * im2col(X)[k, n] with m an output channel, n = (image, oh, ow) and
// k = (channel, kh, kw). A block computes 64 x 64, a thread 4 x 4.
#define BM 64
#define BN 64
#define BK 16
#define TM 4
#define TN 4

__global__ __launch_bounds__(256, 2) void conv2d_igemm(
    const float* __restrict__ X, const float* __restrict__ Wt, float* __restrict__ Y,
    int C, int H, int W, int O, int KS, int OH, int OW, int N) {
    __shared__ float As[BK][BM + 4];
    __shared__ float Bs[BK][BN];
    const int tid = threadIdx.x;
    const int tx = tid % 16, ty = tid / 16;
    const int m0 = blockIdx.y * BM;
    const int n0 = blockIdx.x * BN;
    const int KK = KS * KS;
    const int K = C * KK;
    const int pixels = OH * OW;

    // this thread always gathers the same column of the im2col matrix
    const int bn = tid % BN;
    const int bk0 = tid / BN;  // 0..3
    const int gn = n0 + bn;
    const bool column = gn < N;
    const int img = column ? gn / pixels : 0;
    const int pix = column ? gn - img * pixels : 0;
    const int oh = pix / OW, ow = pix - oh * OW;
    const float* x_base = X + ((size_t)img * C * H + oh) * W + ow;

    float acc[TM][TN] = {};
    for (int k0 = 0; k0 < K; k0 += BK) {
#pragma unroll
        for (int i = 0; i < BM * BK / 256; ++i) {
            const int e = tid + i * 256;
            const int k = e % BK, m = e / BK;
            As[k][m] = (m0 + m < O && k0 + k < K) ? Wt[(size_t)(m0 + m) * K + k0 + k] : 0.f;
        }
#pragma unroll
        for (int i = 0; i < BK / 4; ++i) {
            const int k = bk0 + 4 * i;
            const int gk = k0 + k;
            float v = 0.f;
            if (column && gk < K) {
                const int c = gk / KK;
                const int rs = gk - c * KK;
                const int r = rs / KS, s = rs - r * KS;
                v = x_base[((size_t)c * H + r) * W + s];
            }
            Bs[k][bn] = v;
        }
        __syncthreads();
#pragma unroll
        for (int k = 0; k < BK; ++k) {
            float a[TM], b[TN];
#pragma unroll
            for (int i = 0; i < TM; ++i) a[i] = As[k][ty * TM + i];
#pragma unroll
            for (int j = 0; j < TN; ++j) b[j] = Bs[k][tx + 16 * j];
#pragma unroll
            for (int i = 0; i < TM; ++i)
#pragma unroll
                for (int j = 0; j < TN; ++j) acc[i][j] += a[i] * b[j];
        }
        __syncthreads();
    }
#pragma unroll
    for (int j = 0; j < TN; ++j) {
        const int n = n0 + tx + 16 * j;
        if (n >= N) continue;
        const int im = n / pixels;
        const int px = n - im * pixels;
#pragma unroll
        for (int i = 0; i < TM; ++i) {
            const int m = m0 + ty * TM + i;
            if (m < O) Y[((size_t)im * O + m) * pixels + px] = acc[i][j];
        }
    }
}

torch::Tensor conv2d(torch::Tensor x, torch::Tensor w) {
    const int B = x.size(0), C = x.size(1), H = x.size(2), W = x.size(3), O = w.size(0), KS = w.size(2);
    const int OH = H - KS + 1, OW = W - KS + 1;
    auto y = torch::empty({B, O, OH, OW}, x.options());
    const int N = B * OH * OW;
    dim3 grid((N + BN - 1) / BN, (O + BM - 1) / BM);
    conv2d_igemm<<<grid, 256, 0, at::cuda::getCurrentCUDAStream()>>>(
        x.data_ptr<float>(), w.data_ptr<float>(), y.data_ptr<float>(), C, H, W, O, KS, OH, OW, N);
    C10_CUDA_KERNEL_LAUNCH_CHECK();
    return y;
}
"""

_ext = load_inline(
    name="conv2d_igemm",
    cpp_sources="torch::Tensor conv2d(torch::Tensor x, torch::Tensor w);",
    cuda_sources=cuda_source,
    functions=["conv2d"],
    extra_cuda_cflags=["-O3"],
)


class ModelNew(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, kernel_size, bias=False)

    @torch.no_grad()
    def forward(self, x):
        return _ext.conv2d(x.contiguous(), self.conv.weight.contiguous())
