# problem: level1/12
# kind: honest
# expected: correct
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

diag_source = """
#include <torch/extension.h>
#include <ATen/cuda/CUDAContext.h>
#include <cuda_runtime.h>

// The matrix is walked as one flat array in float4 packets; a packet may straddle two rows.
__global__ void diag_scale(const float* __restrict__ diag, const float* __restrict__ B, float* __restrict__ C,
                           const long long total, const int M) {
    const long long packets = total >> 2;
    const long long stride = (long long)gridDim.x * blockDim.x;
    const long long tid = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    for (long long p = tid; p < packets; p += stride) {
        const long long first = p << 2;
        float4 v = reinterpret_cast<const float4*>(B)[p];
        long long row = first / M;
        const int column = (int)(first - row * M);
        if (column + 3 < M) {
            const float d = __ldg(diag + row);
            v.x *= d; v.y *= d; v.z *= d; v.w *= d;
        } else {
            v.x *= __ldg(diag + row);
            v.y *= __ldg(diag + (first + 1) / M);
            v.z *= __ldg(diag + (first + 2) / M);
            v.w *= __ldg(diag + (first + 3) / M);
        }
        reinterpret_cast<float4*>(C)[p] = v;
    }
    // at most three elements are left
    const long long tail = (packets << 2) + tid;
    if (tail < total) C[tail] = B[tail] * diag[tail / M];
}

torch::Tensor diag_matmul(torch::Tensor A, torch::Tensor B) {
    A = A.contiguous();
    B = B.contiguous();
    auto C = torch::empty_like(B);
    const long long total = B.numel();
    const int threads = 256;
    int per_sm = 0;
    cudaOccupancyMaxActiveBlocksPerMultiprocessor(&per_sm, diag_scale, threads, 0);
    const long long resident = (long long)per_sm * at::cuda::getCurrentDeviceProperties()->multiProcessorCount;
    const long long needed = (total / 4 + threads - 1) / threads;
    const long long blocks = std::max<long long>(1, std::min(needed, resident));
    diag_scale<<<(unsigned)blocks, threads, 0, at::cuda::getCurrentCUDAStream()>>>(
        A.data_ptr<float>(), B.data_ptr<float>(), C.data_ptr<float>(), total, (int)B.size(1));
    TORCH_CHECK(cudaGetLastError() == cudaSuccess, "diag_scale launch failed");
    return C;
}
"""

diag = load_inline(
    name="diag_matmul",
    cpp_sources="torch::Tensor diag_matmul(torch::Tensor A, torch::Tensor B);",
    cuda_sources=diag_source,
    functions=["diag_matmul"],
    verbose=False,
    extra_cflags=[""],
    extra_ldflags=[""],
)


class ModelNew(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.diag = diag

    def forward(self, A, B):
        return self.diag.diag_matmul(A, B)
