# problem: level1/18
# kind: buggy
# expected: value_mismatch
# cause: wrong_value: the tile of B is used untransposed
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

src = r"""
#include <torch/extension.h>
#include <cuda_runtime.h>
#define T 16

__global__ void mm_tt(const float* A, const float* B, float* C, int M, int N, int K) {
    __shared__ float As[T][T + 1];
    __shared__ float Bs[T][T + 1];
    int m0 = blockIdx.y * T, n0 = blockIdx.x * T, tx = threadIdx.x, ty = threadIdx.y;
    float acc = 0;
    for (int k0 = 0; k0 < K; k0 += T) {
        As[ty][tx] = (k0 + ty < K && m0 + tx < M) ? A[(k0 + ty) * M + m0 + tx] : 0;  // As[k][m]
        Bs[ty][tx] = (n0 + ty < N && k0 + tx < K) ? B[(n0 + ty) * K + k0 + tx] : 0;  // Bs[n][k]
        __syncthreads();
        for (int k = 0; k < T; ++k) acc += As[k][ty] * Bs[k][tx];
        __syncthreads();
    }
    if (m0 + ty < M && n0 + tx < N) C[(m0 + ty) * N + n0 + tx] = acc;
}

torch::Tensor mm(torch::Tensor A, torch::Tensor B) {
    int K = A.size(0), M = A.size(1), N = B.size(0);
    auto C = torch::empty({M, N}, A.options());
    mm_tt<<<dim3((N + T - 1) / T, (M + T - 1) / T), dim3(T, T)>>>(
        A.data_ptr<float>(), B.data_ptr<float>(), C.data_ptr<float>(), M, N, K);
    return C;
}
"""

ext = load_inline("mm_tt", "torch::Tensor mm(torch::Tensor A, torch::Tensor B);", src, functions=["mm"])


class ModelNew(nn.Module):
    def forward(self, A, B):
        return ext.mm(A.contiguous(), B.contiguous())
