# problem: level1/9
# kind: honest
# expected: correct
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

cuda_src = r"""
#include <torch/extension.h>
#include <ATen/cuda/CUDAContext.h>
#include <cuda_pipeline.h>

constexpr int TILE = 64;
constexpr int STEP = 16;

// Double-buffered tiles: while one pair is multiplied, the next one is on its way (LDGSTS on sm_80 and later).
__global__ void __launch_bounds__(256) mm_pipeline(const float* __restrict__ A, const float* __restrict__ B,
                                                   float* __restrict__ C, int M, int N, int K) {
    __shared__ float As[2][TILE][STEP + 1];
    __shared__ float Bs[2][STEP][TILE];
    const int tid = threadIdx.y * 16 + threadIdx.x;
    const int row0 = blockIdx.y * TILE, col0 = blockIdx.x * TILE;

    auto fetch = [&](int stage, int k0) {
        for (int e = tid; e < TILE * STEP; e += 256) {
            const int m = e / STEP, k = e % STEP;
            if (row0 + m < M && k0 + k < K)
                __pipeline_memcpy_async(&As[stage][m][k], &A[(size_t)(row0 + m) * K + k0 + k], sizeof(float));
            else
                As[stage][m][k] = 0.0f;
        }
        for (int e = tid; e < TILE * STEP; e += 256) {
            const int k = e / TILE, n = e % TILE;
            if (k0 + k < K && col0 + n < N)
                __pipeline_memcpy_async(&Bs[stage][k][n], &B[(size_t)(k0 + k) * N + col0 + n], sizeof(float));
            else
                Bs[stage][k][n] = 0.0f;
        }
        __pipeline_commit();
    };

    float acc[4][4] = {{0.0f}};
    const int steps = (K + STEP - 1) / STEP;
    fetch(0, 0);
    for (int t = 0; t < steps; ++t) {
        if (t + 1 < steps) {
            fetch((t + 1) & 1, (t + 1) * STEP);
            __pipeline_wait_prior(1);
        } else {
            __pipeline_wait_prior(0);
        }
        __syncthreads();
        const int s = t & 1;
#pragma unroll
        for (int k = 0; k < STEP; ++k) {
            float b[4];
#pragma unroll
            for (int j = 0; j < 4; ++j) b[j] = Bs[s][k][threadIdx.x + 16 * j];
#pragma unroll
            for (int i = 0; i < 4; ++i) {
                const float a = As[s][threadIdx.y + 16 * i][k];
#pragma unroll
                for (int j = 0; j < 4; ++j) acc[i][j] = fmaf(a, b[j], acc[i][j]);
            }
        }
        __syncthreads();  // the buffer is refilled in the next round
    }
#pragma unroll
    for (int i = 0; i < 4; ++i)
#pragma unroll
        for (int j = 0; j < 4; ++j) {
            const int r = row0 + threadIdx.y + 16 * i, c = col0 + threadIdx.x + 16 * j;
            if (r < M && c < N) C[(size_t)r * N + c] = acc[i][j];
        }
}

torch::Tensor tall_matmul(torch::Tensor A, torch::Tensor B) {
    A = A.contiguous();
    B = B.contiguous();
    const int M = A.size(0), K = A.size(1), N = B.size(1);
    auto C = torch::empty({M, N}, A.options());
    const dim3 block(16, 16), grid((N + TILE - 1) / TILE, (M + TILE - 1) / TILE);
    mm_pipeline<<<grid, block, 0, at::cuda::getCurrentCUDAStream()>>>(
        A.data_ptr<float>(), B.data_ptr<float>(), C.data_ptr<float>(), M, N, K);
    return C;
}
"""

tall = load_inline(
    name="tall_matmul_pipeline",
    cpp_sources="torch::Tensor tall_matmul(torch::Tensor A, torch::Tensor B);",
    cuda_sources=cuda_src,
    functions=["tall_matmul"],
    extra_cuda_cflags=["-O3", "--use_fast_math"],
)


class ModelNew(nn.Module):
    def __init__(self):
        super().__init__()

    def forward(self, A, B):
        return tall.tall_matmul(A, B)
