# problem: level1/10
# kind: honest
# expected: correct
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

src = r"""
#include <torch/extension.h>
#include <cuda_runtime.h>
#include <iostream>

#define CUDA_OK(call)                                                                       \
    do {                                                                                    \
        cudaError_t status_ = (call);                                                       \
        if (status_ != cudaSuccess) {                                                       \
            std::cerr << "CUDA error " << cudaGetErrorName(status_) << " at " << __LINE__; \
            throw std::runtime_error(cudaGetErrorString(status_));                          \
        }                                                                                   \
    } while (0)

template <int TM, int TN>
__global__ void gemm_smem(const float* A, const float* B, float* C, int rows, int N, int K) {
    extern __shared__ __align__(16) unsigned char raw[];
    float (*As)[TM] = reinterpret_cast<float (*)[TM]>(raw);                               // [K][TM]
    float (*Bs)[TN] = reinterpret_cast<float (*)[TN]>(raw + sizeof(float) * TM * K);      // [K][TN]
    const int t = threadIdx.y * blockDim.x + threadIdx.x;
    const int nt = blockDim.x * blockDim.y;
    const int r0 = blockIdx.y * TM, c0 = blockIdx.x * TN;
    for (int i = t; i < TM * K; i += nt) {
        int r = i / K, k = i % K;
        As[k][r] = r0 + r < rows ? A[(size_t)(r0 + r) * K + k] : 0.f;
    }
    for (int i = t; i < TN * K; i += nt) {
        int k = i / TN, c = i % TN;
        Bs[k][c] = c0 + c < N ? B[(size_t)k * N + c0 + c] : 0.f;
    }
    __syncthreads();
    float s[2][2] = {};
    for (int k = 0; k < K; ++k) {
        float a0 = As[k][threadIdx.y], a1 = As[k][threadIdx.y + TM / 2];
        float b0 = Bs[k][threadIdx.x], b1 = Bs[k][threadIdx.x + TN / 2];
        s[0][0] += a0 * b0; s[0][1] += a0 * b1; s[1][0] += a1 * b0; s[1][1] += a1 * b1;
    }
    for (int i = 0; i < 2; ++i)
        for (int j = 0; j < 2; ++j) {
            int r = r0 + threadIdx.y + i * TM / 2, c = c0 + threadIdx.x + j * TN / 2;
            if (r < rows && c < N) C[(size_t)r * N + c] = s[i][j];
        }
}

torch::Tensor matmul3d(torch::Tensor A, torch::Tensor B) {
    TORCH_CHECK(A.dim() == 3 && B.dim() == 2);
    const int K = A.size(2), N = B.size(1), rows = A.size(0) * A.size(1);
    auto C = torch::empty({A.size(0), A.size(1), N}, A.options());
    constexpr int TM = 64, TN = 64;
    const size_t bytes = sizeof(float) * K * (TM + TN);
    int limit = 0, device = 0;
    CUDA_OK(cudaGetDevice(&device));
    CUDA_OK(cudaDeviceGetAttribute(&limit, cudaDevAttrMaxSharedMemoryPerBlockOptin, device));
    TORCH_CHECK(bytes <= (size_t)limit, "K is too large for this kernel");
    auto kernel = gemm_smem<TM, TN>;
    CUDA_OK(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, (int)bytes));
    CUDA_OK(cudaFuncSetAttribute(kernel, cudaFuncAttributePreferredSharedMemoryCarveout, cudaSharedmemCarveoutMaxShared));
    dim3 block(TN / 2, TM / 2), grid((N + TN - 1) / TN, (rows + TM - 1) / TM);
    kernel<<<grid, block, bytes>>>(A.data_ptr<float>(), B.data_ptr<float>(), C.data_ptr<float>(), rows, N, K);
    CUDA_OK(cudaGetLastError());
    return C;
}
"""
ext = load_inline(
    name="matmul3d",
    cpp_sources=["torch::Tensor matmul3d(torch::Tensor A, torch::Tensor B);"],
    cuda_sources=[src],
    functions=["matmul3d"],
)


class ModelNew(nn.Module):
    def __init__(self):
        super().__init__()

    def forward(self, A, B):
        return ext.matmul3d(A.contiguous(), B.contiguous())
