# problem: level1/8
# kind: honest
# expected: correct
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

src = r"""
#include <torch/extension.h>
#include <cuda_runtime.h>
#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDAException.h>

constexpr int kTile = 32;
constexpr int kRowsPerThread = 4;

// Persistent blocks fetch tiles from a global queue until it is empty.
__global__ void __launch_bounds__(256) persistent_gemm(const float* __restrict__ A, const float* __restrict__ B,
                                                       float* __restrict__ C, int M, int N, int K, int* queue) {
    __shared__ float As[kTile][kTile + 1];
    __shared__ float Bs[kTile][kTile + 1];
    __shared__ int s_tile;

    const int tiles_n = (N + kTile - 1) / kTile;
    const int tiles_m = (M + kTile - 1) / kTile;
    const int total = tiles_n * tiles_m;
    const int tx = threadIdx.x % kTile;
    const int ty = threadIdx.x / kTile;  // 0..7

    while (true) {
        if (threadIdx.x == 0) s_tile = atomicAdd(queue, 1);
        __syncthreads();
        const int tile = s_tile;
        __syncthreads();
        if (tile >= total) return;
        const int m0 = tile / tiles_n * kTile, n0 = tile % tiles_n * kTile;

        float acc[kRowsPerThread];
#pragma unroll
        for (int r = 0; r < kRowsPerThread; ++r) acc[r] = 0.f;

        for (int k0 = 0; k0 < K; k0 += kTile) {
#pragma unroll
            for (int r = 0; r < kRowsPerThread; ++r) {
                const int i = ty + 8 * r;
                As[i][tx] = (m0 + i < M && k0 + tx < K) ? A[(m0 + i) * K + k0 + tx] : 0.f;
                Bs[i][tx] = (k0 + i < K && n0 + tx < N) ? B[(k0 + i) * N + n0 + tx] : 0.f;
            }
            __syncthreads();
#pragma unroll 8
            for (int k = 0; k < kTile; ++k) {
                const float b = Bs[k][tx];
#pragma unroll
                for (int r = 0; r < kRowsPerThread; ++r) acc[r] = __fmaf_rn(As[ty + 8 * r][k], b, acc[r]);
            }
            __syncthreads();
        }
#pragma unroll
        for (int r = 0; r < kRowsPerThread; ++r) {
            const int m = m0 + ty + 8 * r;
            if (m < M && n0 + tx < N) C[m * N + n0 + tx] = acc[r];
        }
    }
}

torch::Tensor gemm(torch::Tensor A, torch::Tensor B) {
    A = A.contiguous(); B = B.contiguous();
    const int M = A.size(0), K = A.size(1), N = B.size(1);
    auto C = torch::empty({M, N}, A.options());
    auto queue = torch::zeros({1}, A.options().dtype(torch::kInt));

    int per_sm = 0;
    C10_CUDA_CHECK(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&per_sm, persistent_gemm, 256, 0));
    const int blocks = per_sm * at::cuda::getCurrentDeviceProperties()->multiProcessorCount;
    persistent_gemm<<<std::min(blocks, 64), 256, 0, at::cuda::getCurrentCUDAStream()>>>(
        A.data_ptr<float>(), B.data_ptr<float>(), C.data_ptr<float>(), M, N, K, queue.data_ptr<int>());
    C10_CUDA_KERNEL_LAUNCH_CHECK();
    return C;
}
"""

ext = load_inline(
    name="persistent_gemm",
    cpp_sources="torch::Tensor gemm(torch::Tensor A, torch::Tensor B);",
    cuda_sources=src,
    functions=["gemm"],
)


class ModelNew(nn.Module):
    def __init__(self):
        super().__init__()

    def forward(self, A, B):
        return ext.gemm(A, B)
