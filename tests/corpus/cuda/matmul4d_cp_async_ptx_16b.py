# problem: level1/11
# kind: honest
# expected: correct
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

cuda_source = r"""
#include <torch/extension.h>
#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDAException.h>
#include <cuda_runtime.h>
#include <stdint.h>

#define BM 64
#define BN 64
#define BK 16

__device__ __forceinline__ uint32_t smem_u32(const void* p) {
    return static_cast<uint32_t>(__cvta_generic_to_shared(p));
}

// Bytes beyond src_size are filled with zeros, so that edges need no branch around the copy.
__device__ __forceinline__ void cp_async16(void* dst, const void* src, bool valid) {
    const int src_size = valid ? 16 : 0;
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;\n" ::"r"(smem_u32(dst)), "l"(src), "r"(src_size));
}
__device__ __forceinline__ void cp_async4(void* dst, const void* src, bool valid) {
    const int src_size = valid ? 4 : 0;
    asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;\n" ::"r"(smem_u32(dst)), "l"(src), "r"(src_size));
}
__device__ __forceinline__ void cp_async_commit() { asm volatile("cp.async.commit_group;\n" ::); }
template <int N>
__device__ __forceinline__ void cp_async_wait() {
    asm volatile("cp.async.wait_group %0;\n" ::"n"(N));
}

template <bool ALIGNED>
__device__ __forceinline__ void load_tiles(float (*As)[BK], float (*Bs)[BN], const float* A, const float* B,
                                           int m0, int n0, int k0, int M, int N, int K) {
    const int tid = threadIdx.x;
    if constexpr (ALIGNED) {
        const int am = tid / 4, ak = (tid % 4) * 4;
        const bool a_ok = m0 + am < M && k0 + ak < K;
        cp_async16(&As[am][ak], a_ok ? A + (size_t)(m0 + am) * K + k0 + ak : A, a_ok);
        const int bk = tid / 16, bn = (tid % 16) * 4;
        const bool b_ok = k0 + bk < K && n0 + bn < N;
        cp_async16(&Bs[bk][bn], b_ok ? B + (size_t)(k0 + bk) * N + n0 + bn : B, b_ok);
    } else {
#pragma unroll
        for (int i = 0; i < 4; ++i) {
            const int e = tid + i * 256;
            const int am = e / BK, ak = e % BK;
            const bool a_ok = m0 + am < M && k0 + ak < K;
            cp_async4(&As[am][ak], a_ok ? A + (size_t)(m0 + am) * K + k0 + ak : A, a_ok);
            const int bk = e / BN, bn = e % BN;
            const bool b_ok = k0 + bk < K && n0 + bn < N;
            cp_async4(&Bs[bk][bn], b_ok ? B + (size_t)(k0 + bk) * N + n0 + bn : B, b_ok);
        }
    }
}

template <bool ALIGNED>
__global__ void __launch_bounds__(256) gemm_cp_async(const float* __restrict__ A, const float* __restrict__ B,
                                                     float* __restrict__ C, int M, int N, int K) {
    __shared__ __align__(16) float As[2][BM][BK];
    __shared__ __align__(16) float Bs[2][BK][BN];
    const int m0 = blockIdx.y * BM, n0 = blockIdx.x * BN;
    const int tx = threadIdx.x % 16, ty = threadIdx.x / 16;
    float acc[4][4];
#pragma unroll
    for (int i = 0; i < 4; ++i)
#pragma unroll
        for (int j = 0; j < 4; ++j) acc[i][j] = 0.f;

    const int tiles = (K + BK - 1) / BK;
    load_tiles<ALIGNED>(As[0], Bs[0], A, B, m0, n0, 0, M, N, K);
    cp_async_commit();
    for (int t = 0; t < tiles; ++t) {
        const int cur = t & 1;
        cp_async_wait<0>();
        __syncthreads();  // tile t is there, and everybody is done with tile t - 1
        if (t + 1 < tiles) {
            load_tiles<ALIGNED>(As[cur ^ 1], Bs[cur ^ 1], A, B, m0, n0, (t + 1) * BK, M, N, K);
            cp_async_commit();
        }
#pragma unroll
        for (int k = 0; k < BK; ++k) {
            const float4 b = *reinterpret_cast<const float4*>(&Bs[cur][k][tx * 4]);
#pragma unroll
            for (int i = 0; i < 4; ++i) {
                const float a = As[cur][ty * 4 + i][k];
                acc[i][0] += a * b.x;
                acc[i][1] += a * b.y;
                acc[i][2] += a * b.z;
                acc[i][3] += a * b.w;
            }
        }
    }
#pragma unroll
    for (int i = 0; i < 4; ++i) {
        const int m = m0 + ty * 4 + i;
        if (m >= M) break;
        float* c = C + (size_t)m * N;
        const int n = n0 + tx * 4;
        if (ALIGNED && n < N) {
            *reinterpret_cast<float4*>(c + n) = make_float4(acc[i][0], acc[i][1], acc[i][2], acc[i][3]);
        } else {
            for (int j = 0; j < 4; ++j)
                if (n + j < N) c[n + j] = acc[i][j];
        }
    }
}

torch::Tensor tensor_matmul(torch::Tensor A, torch::Tensor B) {
    TORCH_CHECK(A.dim() == 4 && B.dim() == 2 && A.size(3) == B.size(0));
    A = A.contiguous();
    B = B.contiguous();
    const int K = A.size(3), N = B.size(1);
    const int M = A.numel() / K;
    auto C = torch::empty({A.size(0), A.size(1), A.size(2), N}, A.options());
    const dim3 grid((N + BN - 1) / BN, (M + BM - 1) / BM);
    auto stream = at::cuda::getCurrentCUDAStream();
    auto kernel = (K % 4 == 0 && N % 4 == 0) ? gemm_cp_async<true> : gemm_cp_async<false>;
    kernel<<<grid, 256, 0, stream>>>(A.data_ptr<float>(), B.data_ptr<float>(), C.data_ptr<float>(), M, N, K);
    C10_CUDA_KERNEL_LAUNCH_CHECK();
    return C;
}
"""

tensor_matmul = load_inline(
    name="tensor_matmul_cp_async",
    cpp_sources="torch::Tensor tensor_matmul(torch::Tensor A, torch::Tensor B);",
    cuda_sources=cuda_source,
    functions=["tensor_matmul"],
    extra_cuda_cflags=["-O3", "--use_fast_math", "-gencode=arch=compute_80,code=sm_80"],
)


class ModelNew(nn.Module):
    """C[b, i, j, n] = sum_k A[b, i, j, k] B[k, n] as one (b i j) x n GEMM."""

    def __init__(self):
        super().__init__()

    def forward(self, A, B):
        return tensor_matmul.tensor_matmul(A, B)
