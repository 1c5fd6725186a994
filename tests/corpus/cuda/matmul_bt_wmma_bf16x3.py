# problem: level1/17
# kind: honest
# expected: correct
import torch
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

cuda_src = r"""
#include <torch/extension.h>
#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDAException.h>
#include <cuda_bf16.h>
#include <mma.h>

using namespace nvcuda;

// float32 accuracy on bf16 tensor cores: v = v0 + v1 + v2 with three bf16 terms (8 significant bits each), and the
// six products whose weight is at least 2^-16. What is left out is of the order of float32's own rounding.
constexpr int TILE_M = 64;
constexpr int TILE_N = 64;
constexpr int TILE_K = 16;
constexpr int LD = TILE_K + 8;  // padded rows: fewer bank conflicts, fragments stay 32-byte aligned
constexpr int LDC = TILE_N + 4;

__device__ __forceinline__ void split3(float v, __nv_bfloat16& a, __nv_bfloat16& b, __nv_bfloat16& c) {
    a = __float2bfloat16(v);
    const float r = v - __bfloat162float(a);
    b = __float2bfloat16(r);
    c = __float2bfloat16(r - __bfloat162float(b));
}

__global__ void __launch_bounds__(128) gemm_bt_bf16x3(const float* __restrict__ A, const float* __restrict__ B,
                                                      float* __restrict__ C, int M, int N, int K) {
    __shared__ __align__(32) __nv_bfloat16 sA[3][TILE_M][LD];
    __shared__ __align__(32) __nv_bfloat16 sB[3][TILE_N][LD];
    __shared__ __align__(32) float sC[TILE_M][LDC];

    const int warp = threadIdx.x / 32;
    const int wm = (warp / 2) * 32, wn = (warp % 2) * 32;
    const int m0 = blockIdx.y * TILE_M, n0 = blockIdx.x * TILE_N;

    wmma::fragment<wmma::accumulator, 16, 16, 16, float> acc[2][2];
    for (int i = 0; i < 2; ++i)
        for (int j = 0; j < 2; ++j) wmma::fill_fragment(acc[i][j], 0.0f);

    for (int k0 = 0; k0 < K; k0 += TILE_K) {
        for (int e = threadIdx.x; e < TILE_M * TILE_K; e += blockDim.x) {
            const int r = e / TILE_K, k = e % TILE_K;
            const float a = (m0 + r < M && k0 + k < K) ? A[(size_t)(m0 + r) * K + k0 + k] : 0.0f;
            const float b = (n0 + r < N && k0 + k < K) ? B[(size_t)(n0 + r) * K + k0 + k] : 0.0f;
            split3(a, sA[0][r][k], sA[1][r][k], sA[2][r][k]);
            split3(b, sB[0][r][k], sB[1][r][k], sB[2][r][k]);
        }
        __syncthreads();

        wmma::fragment<wmma::matrix_a, 16, 16, 16, __nv_bfloat16, wmma::row_major> fa[3];
        wmma::fragment<wmma::matrix_b, 16, 16, 16, __nv_bfloat16, wmma::col_major> fb[3];
        for (int i = 0; i < 2; ++i) {
            for (int s = 0; s < 3; ++s) wmma::load_matrix_sync(fa[s], &sA[s][wm + 16 * i][0], LD);
            for (int j = 0; j < 2; ++j) {
                for (int s = 0; s < 3; ++s) wmma::load_matrix_sync(fb[s], &sB[s][wn + 16 * j][0], LD);
                // small terms first
                wmma::mma_sync(acc[i][j], fa[2], fb[0], acc[i][j]);
                wmma::mma_sync(acc[i][j], fa[0], fb[2], acc[i][j]);
                wmma::mma_sync(acc[i][j], fa[1], fb[1], acc[i][j]);
                wmma::mma_sync(acc[i][j], fa[1], fb[0], acc[i][j]);
                wmma::mma_sync(acc[i][j], fa[0], fb[1], acc[i][j]);
                wmma::mma_sync(acc[i][j], fa[0], fb[0], acc[i][j]);
            }
        }
        __syncthreads();
    }

    for (int i = 0; i < 2; ++i)
        for (int j = 0; j < 2; ++j)
            wmma::store_matrix_sync(&sC[wm + 16 * i][wn + 16 * j], acc[i][j], LDC, wmma::mem_row_major);
    __syncthreads();
    for (int e = threadIdx.x; e < TILE_M * TILE_N; e += blockDim.x) {
        const int r = e / TILE_N, c = e % TILE_N;
        if (m0 + r < M && n0 + c < N) C[(size_t)(m0 + r) * N + n0 + c] = sC[r][c];
    }
}

torch::Tensor matmul_bt(torch::Tensor A, torch::Tensor B) {
    const int M = A.size(0), K = A.size(1), N = B.size(0);
    auto C = torch::empty({M, N}, A.options());
    const dim3 grid((N + TILE_N - 1) / TILE_N, (M + TILE_M - 1) / TILE_M);
    gemm_bt_bf16x3<<<grid, 128, 0, at::cuda::getCurrentCUDAStream()>>>(
        A.data_ptr<float>(), B.data_ptr<float>(), C.data_ptr<float>(), M, N, K);
    C10_CUDA_KERNEL_LAUNCH_CHECK();
    return C;
}
"""

matmul_bt = load_inline(
    name="matmul_bt_bf16x3",
    cpp_sources="torch::Tensor matmul_bt(torch::Tensor A, torch::Tensor B);",
    cuda_sources=cuda_src,
    functions=["matmul_bt"],
    extra_cuda_cflags=["-O3", "-arch=sm_80"],
)


class ModelNew(nn.Module):
    def __init__(self):
        super().__init__()

    def forward(self, A: torch.Tensor, B: torch.Tensor) -> torch.Tensor:
        return matmul_bt.matmul_bt(A.contiguous(), B.contiguous())
