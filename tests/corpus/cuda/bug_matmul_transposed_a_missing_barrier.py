# problem: level1/16
# kind: buggy
# expected: runtime_error, value_mismatch, nondeterministic
# cause: race: no barrier behind the inner product, fast warps overwrite the tile that slow ones still read
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

src = r"""
#include <torch/extension.h>
#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDAException.h>

#define TILE 32

// C = A^T B with A stored (K, M): both tiles are loaded along their contiguous dimension.
__global__ void matmul_ta(const float* __restrict__ A, const float* __restrict__ B, float* __restrict__ C,
                          int M, int N, int K) {
    __shared__ float As[TILE][TILE];
    __shared__ float Bs[TILE][TILE];
    const int tx = threadIdx.x, ty = threadIdx.y;
    const int m0 = blockIdx.y * TILE, n0 = blockIdx.x * TILE;
    float acc = 0.f;
    for (int k0 = 0; k0 < K; k0 += TILE) {
        As[ty][tx] = (k0 + ty < K && m0 + tx < M) ? A[(size_t)(k0 + ty) * M + m0 + tx] : 0.f;
        Bs[ty][tx] = (k0 + ty < K && n0 + tx < N) ? B[(size_t)(k0 + ty) * N + n0 + tx] : 0.f;
        __syncthreads();
#pragma unroll
        for (int k = 0; k < TILE; ++k) acc += As[k][ty] * Bs[k][tx];
    }
    if (m0 + ty < M && n0 + tx < N) C[(size_t)(m0 + ty) * N + n0 + tx] = acc;
}

torch::Tensor matmul_ta_forward(torch::Tensor A, torch::Tensor B) {
    A = A.contiguous();
    B = B.contiguous();
    const int K = A.size(0), M = A.size(1), N = B.size(1);
    auto C = torch::empty({M, N}, A.options());
    matmul_ta<<<dim3((N + TILE - 1) / TILE, (M + TILE - 1) / TILE), dim3(TILE, TILE), 0,
                at::cuda::getCurrentCUDAStream()>>>(A.data_ptr<float>(), B.data_ptr<float>(), C.data_ptr<float>(),
                                                    M, N, K);
    C10_CUDA_KERNEL_LAUNCH_CHECK();
    return C;
}
"""

ext = load_inline(
    name="matmul_ta",
    cpp_sources="torch::Tensor matmul_ta_forward(torch::Tensor A, torch::Tensor B);",
    cuda_sources=src,
    functions=["matmul_ta_forward"],
    extra_cuda_cflags=["-O3"],
)


class ModelNew(nn.Module):
    def __init__(self):
        super().__init__()

    def forward(self, A, B):
        return ext.matmul_ta_forward(A, B)
