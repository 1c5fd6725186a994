# problem: level1/6
# kind: honest
# expected: correct
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

src = r"""
#include <torch/extension.h>
#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDAStream.h>
#include <cuda_runtime.h>

#define TS 16

__global__ void splitk(const float* A, const float* B, float* P, int M, int N, int K, int k_begin, int k_end) {
    __shared__ float sA[TS][TS];
    __shared__ float sB[TS][TS + 1];
    int x = threadIdx.x, y = threadIdx.y;
    int row = blockIdx.y * TS + y, col = blockIdx.x * TS + x;
    float acc = 0;
    for (int k0 = k_begin; k0 < k_end; k0 += TS) {
        sA[y][x] = (row < M && k0 + x < k_end) ? A[row * K + k0 + x] : 0;
        sB[y][x] = (k0 + y < k_end && col < N) ? B[(k0 + y) * N + col] : 0;
        __syncthreads();
        for (int k = 0; k < TS; ++k) acc += sA[y][k] * sB[k][x];
        __syncthreads();
    }
    if (row < M && col < N) P[row * N + col] = acc;
}

__global__ void combine(const float* P, float* C, int parts, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) {
        float s = 0;
        for (int p = 0; p < parts; ++p) s += P[p * n + i];
        C[i] = s;
    }
}

torch::Tensor matmul(torch::Tensor A, torch::Tensor B) {
    const int parts = 8;
    int M = A.size(0), K = A.size(1), N = B.size(1);
    auto P = torch::empty({parts, M, N}, A.options());
    auto C = torch::empty({M, N}, A.options());
    dim3 block(TS, TS), grid((N + TS - 1) / TS, (M + TS - 1) / TS);
    int chunk = ((K + parts - 1) / parts + TS - 1) / TS * TS;

    cudaStream_t main_stream = at::cuda::getCurrentCUDAStream();
    cudaStream_t streams[parts];
    cudaEvent_t start, done[parts];
    cudaEventCreateWithFlags(&start, cudaEventDisableTiming);
    cudaEventRecord(start, main_stream);
    for (int p = 0; p < parts; ++p) {
        cudaStreamCreateWithFlags(&streams[p], cudaStreamNonBlocking);
        cudaEventCreateWithFlags(&done[p], cudaEventDisableTiming);
        cudaStreamWaitEvent(streams[p], start, 0);
        int b = std::min(p * chunk, K), e = std::min((p + 1) * chunk, K);
        splitk<<<grid, block, 0, streams[p]>>>(
            A.data_ptr<float>(), B.data_ptr<float>(), P.data_ptr<float>() + (size_t)p * M * N, M, N, K, b, e);
        cudaEventRecord(done[p], streams[p]);
        cudaStreamWaitEvent(main_stream, done[p], 0);
    }
    combine<<<(M * N + 255) / 256, 256, 0, main_stream>>>(P.data_ptr<float>(), C.data_ptr<float>(), parts, M * N);
    cudaStreamSynchronize(main_stream);
    for (int p = 0; p < parts; ++p) {
        cudaEventDestroy(done[p]);
        cudaStreamDestroy(streams[p]);
    }
    cudaEventDestroy(start);
    return C;
}
"""

ext = load_inline(
    name="splitk_streams",
    cpp_sources="torch::Tensor matmul(torch::Tensor A, torch::Tensor B);",
    cuda_sources=src,
    functions=["matmul"],
)


class ModelNew(nn.Module):
    def __init__(self):
        super().__init__()

    def forward(self, A, B):
        return ext.matmul(A.contiguous(), B.contiguous())
