# problem: tests/corpus/problems/half_matmul.py
# kind: honest
# expected: correct
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

cuda_src = r"""
#include <torch/extension.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>
#include <mma.h>
#include <ATen/cuda/CUDAContext.h>

using namespace nvcuda::wmma;

#define WARP_SIZE 32

// One warp per 16 x 16 tile of C, fragments straight from global memory.
__global__ void wmma_gemm(const half* __restrict__ a, const half* __restrict__ b, half* __restrict__ c,
                          int M, int N, int K) {
    int warpM = (blockIdx.x * blockDim.x + threadIdx.x) / WARP_SIZE;
    int warpN = blockIdx.y * blockDim.y + threadIdx.y;
    if (warpM * 16 >= M || warpN * 16 >= N) return;

    fragment<matrix_a, 16, 16, 16, half, row_major> a_frag;
    fragment<matrix_b, 16, 16, 16, half, row_major> b_frag;
    fragment<accumulator, 16, 16, 16, float> acc_frag;
    fragment<accumulator, 16, 16, 16, half> c_frag;
    fill_fragment(acc_frag, 0.0f);

    for (int k = 0; k < K; k += 16) {
        load_matrix_sync(a_frag, a + warpM * 16 * K + k, K);
        load_matrix_sync(b_frag, b + k * N + warpN * 16, N);
        mma_sync(acc_frag, a_frag, b_frag, acc_frag);
    }
    for (int i = 0; i < c_frag.num_elements; i++) c_frag.x[i] = __float2half(acc_frag.x[i]);
    store_matrix_sync(c + warpM * 16 * N + warpN * 16, c_frag, N, mem_row_major);
}

torch::Tensor half_gemm(torch::Tensor A, torch::Tensor B) {
    TORCH_CHECK(A.scalar_type() == torch::kHalf && B.scalar_type() == at::kHalf, "expected half");
    int M = A.size(0), K = A.size(1), N = B.size(1);
    TORCH_CHECK(M % 16 == 0 && N % 16 == 0 && K % 16 == 0);
    auto C = torch::empty({M, N}, A.options());
    dim3 block(4 * WARP_SIZE, 2);
    dim3 grid((M / 16 + 3) / 4, (N / 16 + 1) / 2);
    wmma_gemm<<<grid, block, 0, at::cuda::getCurrentCUDAStream()>>>(
        reinterpret_cast<const half*>(A.data_ptr<at::Half>()),
        reinterpret_cast<const half*>(B.data_ptr<at::Half>()),
        reinterpret_cast<half*>(C.data_ptr<at::Half>()), M, N, K);
    return C;
}
"""

module = load_inline(
    name="wmma_half",
    cpp_sources="torch::Tensor half_gemm(torch::Tensor A, torch::Tensor B);",
    cuda_sources=cuda_src,
    functions=["half_gemm"],
    extra_cuda_cflags=["-U__CUDA_NO_HALF_OPERATORS__", "-U__CUDA_NO_HALF_CONVERSIONS__"],
)


class ModelNew(nn.Module):
    def __init__(self):
        super().__init__()

    def forward(self, A, B):
        return module.half_gemm(A, B)
