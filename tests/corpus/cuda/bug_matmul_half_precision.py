# problem: level1/13
# kind: buggy
# expected: value_mismatch
# cause: wrong_value: the operands are rounded to half precision
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

src = r"""
#include <torch/extension.h>
#include <cuda_fp16.h>
#include <mma.h>
using namespace nvcuda;

__global__ void sym_mm(const float* A, const float* B, float* C, int N) {
    __shared__ __half As[16][16], Bs[16][16];
    wmma::fragment<wmma::matrix_a, 16, 16, 16, __half, wmma::row_major> a;
    wmma::fragment<wmma::matrix_b, 16, 16, 16, __half, wmma::row_major> b;
    wmma::fragment<wmma::accumulator, 16, 16, 16, float> c;
    wmma::fill_fragment(c, 0.f);
    const int m0 = blockIdx.y * 16, n0 = blockIdx.x * 16;
    for (int k0 = 0; k0 < N; k0 += 16) {
        for (int i = threadIdx.x; i < 256; i += 32) {
            As[i / 16][i % 16] = __float2half(A[(m0 + i / 16) * N + k0 + i % 16]);
            Bs[i / 16][i % 16] = __float2half(B[(k0 + i / 16) * N + n0 + i % 16]);
        }
        __syncwarp();
        wmma::load_matrix_sync(a, &As[0][0], 16);
        wmma::load_matrix_sync(b, &Bs[0][0], 16);
        wmma::mma_sync(c, a, b, c);
        __syncwarp();
    }
    wmma::store_matrix_sync(C + m0 * N + n0, c, N, wmma::mem_row_major);
}

torch::Tensor mm(torch::Tensor A, torch::Tensor B) {
    int N = A.size(0);
    TORCH_CHECK(N % 16 == 0);
    auto C = torch::empty_like(A);
    sym_mm<<<dim3(N / 16, N / 16), 32>>>(A.data_ptr<float>(), B.data_ptr<float>(), C.data_ptr<float>(), N);
    return C;
}
"""

ext = load_inline("sym_mm", "torch::Tensor mm(torch::Tensor A, torch::Tensor B);", src, functions=["mm"])


class ModelNew(nn.Module):
    def __init__(self):
        super().__init__()

    def forward(self, A, B):
        return ext.mm(A.contiguous(), B.contiguous())
