# problem: level1/1
# kind: honest
# expected: correct
import torch
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

cuda_source = r"""
#include <torch/extension.h>
#include <cuda_runtime.h>
#include <ATen/cuda/CUDAContext.h>

#define BM 64
#define BN 64
#define BK 16

__device__ __forceinline__ void cp_async16(void* smem, const void* gmem) {
    unsigned addr = static_cast<unsigned>(__cvta_generic_to_shared(smem));
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16;\n" ::"r"(addr), "l"(gmem));
}
__device__ __forceinline__ void cp_async_commit() { asm volatile("cp.async.commit_group;\n" ::); }
template <int N>
__device__ __forceinline__ void cp_async_wait() { asm volatile("cp.async.wait_group %0;\n" ::"n"(N)); }

// Requires N to be a multiple of 64.
__global__ void __launch_bounds__(256) sgemm_pipelined(const float* A, const float* B, float* C, int N) {
    __shared__ __align__(16) float As[2][BM][BK];
    __shared__ __align__(16) float Bs[2][BK][BN];
    const int tid = threadIdx.x;
    const int tx = tid & 15, ty = tid >> 4;
    const float* a_tile = A + (size_t)blockIdx.y * BM * N;
    const float* b_tile = B + (size_t)blockIdx.x * BN;

    auto load = [&](int stage, int k0) {
        const int ar = tid >> 2, ac = (tid & 3) * 4;
        cp_async16(&As[stage][ar][ac], a_tile + (size_t)ar * N + k0 + ac);
        const int br = tid >> 4, bc = (tid & 15) * 4;
        cp_async16(&Bs[stage][br][bc], b_tile + (size_t)(k0 + br) * N + bc);
        cp_async_commit();
    };

    float acc[4][4] = {0.f};
    load(0, 0);
    const int steps = N / BK;
    for (int s = 0; s < steps; ++s) {
        if (s + 1 < steps) {
            load((s + 1) & 1, (s + 1) * BK);
            cp_async_wait<1>();
        } else {
            cp_async_wait<0>();
        }
        __syncthreads();
        const int cur = s & 1;
#pragma unroll
        for (int k = 0; k < BK; ++k) {
            float4 b = *reinterpret_cast<float4*>(&Bs[cur][k][tx * 4]);
#pragma unroll
            for (int i = 0; i < 4; ++i) {
                float a = As[cur][ty * 4 + i][k];
                acc[i][0] += a * b.x;
                acc[i][1] += a * b.y;
                acc[i][2] += a * b.z;
                acc[i][3] += a * b.w;
            }
        }
        __syncthreads();
    }
#pragma unroll
    for (int i = 0; i < 4; ++i) {
        float* c = C + (size_t)(blockIdx.y * BM + ty * 4 + i) * N + blockIdx.x * BN + tx * 4;
        *reinterpret_cast<float4*>(c) = make_float4(acc[i][0], acc[i][1], acc[i][2], acc[i][3]);
    }
}

torch::Tensor matmul(torch::Tensor A, torch::Tensor B) {
    TORCH_CHECK(A.is_cuda() && B.is_cuda() && A.is_contiguous() && B.is_contiguous());
    int N = A.size(0);
    TORCH_CHECK(N % 64 == 0, "N must be a multiple of 64");
    auto C = torch::empty_like(A);
    dim3 grid(N / BN, N / BM);
    sgemm_pipelined<<<grid, 256, 0, at::cuda::getCurrentCUDAStream()>>>(
        A.data_ptr<float>(), B.data_ptr<float>(), C.data_ptr<float>(), N);
    AT_CUDA_CHECK(cudaPeekAtLastError());
    return C;
}
"""

ext = load_inline(
    name="sgemm_cp_async",
    cpp_sources="torch::Tensor matmul(torch::Tensor A, torch::Tensor B);",
    cuda_sources=cuda_source,
    functions=["matmul"],
    extra_cuda_cflags=["-O3", "-arch=sm_90"],
)


class ModelNew(nn.Module):
    def __init__(self):
        super().__init__()

    def forward(self, A: torch.Tensor, B: torch.Tensor):
        return ext.matmul(A.contiguous(), B.contiguous())
