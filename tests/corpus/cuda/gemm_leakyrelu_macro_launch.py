# problem: level2/12
# kind: honest
# expected: correct
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

src = r"""
#include <torch/extension.h>
#include <ATen/cuda/CUDAContext.h>
#include <cuda_runtime.h>

#define CEIL(a, b) (((a) + (b) - 1) / (b))
#define FLOAT4(p) (*reinterpret_cast<float4*>(&(p)))
#define CFLOAT4(p) (*reinterpret_cast<const float4*>(&(p)))

enum class Act { kNone, kLeaky };

template <Act ACT>
__device__ __forceinline__ float activate(float v, float slope) {
    if constexpr (ACT == Act::kLeaky) return v >= 0.f ? v : v * slope;
    return v;
}

template <int BM, int BN, int BK, int TM, int TN, Act ACT>
__global__ void gemm_nt(const float* __restrict__ X, const float* __restrict__ W, const float* __restrict__ bias,
                        float* __restrict__ Y, int M, int N, int K, float mult, float slope) {
    static_assert(BK % 4 == 0, "BK must hold whole float4s");
    constexpr int THREADS = (BM / TM) * (BN / TN);
    __shared__ float xs[BK][BM];
    __shared__ float ws[BK][BN];
    const int tid = threadIdx.x;
    const int tm = tid / (BN / TN) * TM, tn = tid % (BN / TN) * TN;
    const int m0 = blockIdx.y * BM, n0 = blockIdx.x * BN;
    float acc[TM][TN] = {0.f};

    for (int k0 = 0; k0 < K; k0 += BK) {
        for (int i = tid * 4; i < BM * BK; i += THREADS * 4) {
            const int r = i / BK, c = i % BK;
            float4 v = m0 + r < M ? CFLOAT4(X[(size_t)(m0 + r) * K + k0 + c]) : make_float4(0, 0, 0, 0);
            xs[c][r] = v.x; xs[c + 1][r] = v.y; xs[c + 2][r] = v.z; xs[c + 3][r] = v.w;
        }
        for (int i = tid * 4; i < BN * BK; i += THREADS * 4) {
            const int r = i / BK, c = i % BK;
            float4 v = n0 + r < N ? CFLOAT4(W[(size_t)(n0 + r) * K + k0 + c]) : make_float4(0, 0, 0, 0);
            ws[c][r] = v.x; ws[c + 1][r] = v.y; ws[c + 2][r] = v.z; ws[c + 3][r] = v.w;
        }
        __syncthreads();
#pragma unroll
        for (int k = 0; k < BK; k++) {
            float a[TM], b[TN];
#pragma unroll
            for (int i = 0; i < TM; i++) a[i] = xs[k][tm + i];
#pragma unroll
            for (int j = 0; j < TN; j++) b[j] = ws[k][tn + j];
#pragma unroll
            for (int i = 0; i < TM; i++)
#pragma unroll
                for (int j = 0; j < TN; j++) acc[i][j] += a[i] * b[j];
        }
        __syncthreads();
    }
    for (int i = 0; i < TM; i++) {
        const int m = m0 + tm + i;
        for (int j = 0; j < TN; j++) {
            const int n = n0 + tn + j;
            if (m < M && n < N) Y[(size_t)m * N + n] = activate<ACT>((acc[i][j] + bias[n]) * mult, slope);
        }
    }
}

#define LAUNCH_GEMM(BM, BN, BK, TM, TN, ACT)                                                                   \
    gemm_nt<BM, BN, BK, TM, TN, ACT><<<dim3(CEIL(N, BN), CEIL(M, BM)), (BM / TM) * (BN / TN), 0, stream>>>(    \
        x.data_ptr<float>(), w.data_ptr<float>(), b.data_ptr<float>(), y.data_ptr<float>(), M, N, K, mult, slope)

torch::Tensor run(torch::Tensor x, torch::Tensor w, torch::Tensor b, double multiplier, double negative_slope) {
    const int M = x.size(0), K = x.size(1), N = w.size(0);
    TORCH_CHECK(K % 16 == 0, "in_features must be a multiple of 16");
    const float mult = multiplier, slope = negative_slope;
    auto y = torch::empty({M, N}, x.options());
    cudaStream_t stream = at::cuda::getCurrentCUDAStream();
    if (M <= 32) LAUNCH_GEMM(32, 32, 16, 2, 4, Act::kLeaky);
    else LAUNCH_GEMM(64, 64, 16, 4, 4, Act::kLeaky);
    return y;
}
"""

ext = load_inline(
    name="gemm_leaky",
    cpp_sources="""
torch::Tensor run(torch::Tensor x, torch::Tensor w, torch::Tensor b, double multiplier, double negative_slope);
""",
    cuda_sources=src,
    functions=["run"],
    extra_cuda_cflags=["-std=c++17"],
)


class ModelNew(nn.Module):
    def __init__(self, in_features, out_features, multiplier, negative_slope):
        super().__init__()
        self.linear = nn.Linear(in_features, out_features)
        self.multiplier = multiplier
        self.negative_slope = negative_slope

    def forward(self, x):
        return ext.run(x.contiguous(), self.linear.weight, self.linear.bias, self.multiplier, self.negative_slope)
