# problem: level1/3
# kind: honest
# expected: correct
# A library does the work; where there is no such library this may be refused by its name.
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

src = r"""
#include <torch/extension.h>
#include <ATen/cuda/CUDAContext.h>
#include <cublas_v2.h>

torch::Tensor bmm(torch::Tensor A, torch::Tensor B) {
    const int batch = A.size(0), M = A.size(1), K = A.size(2), N = B.size(2);
    auto C = torch::empty({batch, M, N}, A.options());
    const float alpha = 1.0f, beta = 0.0f;
    cublasHandle_t handle = at::cuda::getCurrentCUDABlasHandle();
    // Column-major: C^T = B^T A^T
    cublasStatus_t status = cublasSgemmStridedBatched(
        handle, CUBLAS_OP_N, CUBLAS_OP_N, N, M, K, &alpha, B.data_ptr<float>(), N, (long long)K * N,
        A.data_ptr<float>(), K, (long long)M * K, &beta, C.data_ptr<float>(), N, (long long)M * N, batch);
    TORCH_CHECK(status == CUBLAS_STATUS_SUCCESS, "cublasSgemmStridedBatched failed");
    return C;
}
"""

ext = load_inline(
    name="bmm_cublas",
    cpp_sources="torch::Tensor bmm(torch::Tensor A, torch::Tensor B);",
    cuda_sources=src,
    functions=["bmm"],
    extra_ldflags=["-lcublas"],
)


class ModelNew(nn.Module):
    def __init__(self):
        super().__init__()

    def forward(self, A, B):
        return ext.bmm(A.contiguous(), B.contiguous())
