# problem: level1/2
# kind: honest
# expected: correct
# Three TF32 products per tile keep about 21 bits; a plain TF32 product would not be accurate enough.
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

src = r"""
#include <torch/extension.h>
#include <cuda_runtime.h>
#include <mma.h>

using namespace nvcuda;

constexpr int WM = 16, WN = 16, WK = 8;
constexpr int TILE = 32;   // 2 x 2 warps of 16 x 16
constexpr int DEPTH = 32;

__global__ void gemm_3xtf32(const float* __restrict__ A, const float* __restrict__ B, float* __restrict__ C,
                            int M, int N, int K) {
    __shared__ float As[TILE][DEPTH + 4];
    __shared__ float Bs[DEPTH][TILE + 4];
    __shared__ float Cs[TILE][TILE + 4];
    const int tid = threadIdx.x;
    const int warp = tid / 32;
    const int wm = warp / 2, wn = warp % 2;
    const int m0 = blockIdx.y * TILE, n0 = blockIdx.x * TILE;

    wmma::fragment<wmma::accumulator, WM, WN, WK, float> acc;
    wmma::fill_fragment(acc, 0.0f);

    for (int k0 = 0; k0 < K; k0 += DEPTH) {
        for (int i = tid; i < TILE * DEPTH; i += blockDim.x) {
            int r = i / DEPTH, c = i % DEPTH;
            As[r][c] = (m0 + r < M && k0 + c < K) ? A[(m0 + r) * K + k0 + c] : 0.f;
        }
        for (int i = tid; i < DEPTH * TILE; i += blockDim.x) {
            int r = i / TILE, c = i % TILE;
            Bs[r][c] = (k0 + r < K && n0 + c < N) ? B[(k0 + r) * N + n0 + c] : 0.f;
        }
        __syncthreads();
        for (int k = 0; k < DEPTH; k += WK) {
            wmma::fragment<wmma::matrix_a, WM, WN, WK, wmma::precision::tf32, wmma::row_major> a, a_lo;
            wmma::fragment<wmma::matrix_b, WM, WN, WK, wmma::precision::tf32, wmma::row_major> b, b_lo;
            wmma::load_matrix_sync(a, &As[wm * WM][k], DEPTH + 4);
            wmma::load_matrix_sync(b, &Bs[k][wn * WN], TILE + 4);
            for (int t = 0; t < a.num_elements; ++t) {
                float v = a.x[t];
                float hi = wmma::__float_to_tf32(v);
                a.x[t] = hi;
                a_lo.x[t] = wmma::__float_to_tf32(v - hi);
            }
            for (int t = 0; t < b.num_elements; ++t) {
                float v = b.x[t];
                float hi = wmma::__float_to_tf32(v);
                b.x[t] = hi;
                b_lo.x[t] = wmma::__float_to_tf32(v - hi);
            }
            wmma::mma_sync(acc, a_lo, b, acc);
            wmma::mma_sync(acc, a, b_lo, acc);
            wmma::mma_sync(acc, a, b, acc);
        }
        __syncthreads();
    }
    wmma::store_matrix_sync(&Cs[wm * WM][wn * WN], acc, TILE + 4, wmma::mem_row_major);
    __syncthreads();
    for (int i = tid; i < TILE * TILE; i += blockDim.x) {
        int r = i / TILE, c = i % TILE;
        if (m0 + r < M && n0 + c < N) C[(m0 + r) * N + n0 + c] = Cs[r][c];
    }
}

torch::Tensor gemm(torch::Tensor A, torch::Tensor B) {
    int M = A.size(0), K = A.size(1), N = B.size(1);
    auto C = torch::empty({M, N}, A.options());
    dim3 grid((N + TILE - 1) / TILE, (M + TILE - 1) / TILE);
    gemm_3xtf32<<<grid, 128>>>(A.data_ptr<float>(), B.data_ptr<float>(), C.data_ptr<float>(), M, N, K);
    return C;
}
"""

ext = load_inline(
    name="gemm3xtf32",
    cpp_sources="torch::Tensor gemm(torch::Tensor A, torch::Tensor B);",
    cuda_sources=src,
    functions=["gemm"],
)


class ModelNew(nn.Module):
    def __init__(self):
        super().__init__()

    def forward(self, A, B):
        return ext.gemm(A.contiguous(), B.contiguous())
