# problem: level1/4
# kind: honest
# expected: correct
import torch
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

src = r"""
#include <torch/extension.h>
#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDAException.h>

constexpr int kThreads = 256;
constexpr unsigned kFull = 0xffffffffu;

__device__ __forceinline__ float block_reduce(float v) {
    static __shared__ float warp_sum[kThreads / 32];
    for (int o = 16; o; o >>= 1) v += __shfl_xor_sync(kFull, v, o);
    if (threadIdx.x % 32 == 0) warp_sum[threadIdx.x / 32] = v;
    __syncthreads();
    v = threadIdx.x < kThreads / 32 ? warp_sum[threadIdx.x] : 0.f;
    if (threadIdx.x < 32)
        for (int o = kThreads / 64; o; o >>= 1) v += __shfl_xor_sync(kFull, v, o);
    return v;  // valid in thread 0
}

template <bool kVec>
__global__ void __launch_bounds__(kThreads) gemv_partial(const float* __restrict__ A, const float* __restrict__ x,
                                                         float* __restrict__ partial, int64_t K, int64_t chunk) {
    const int64_t begin = blockIdx.y * chunk;
    const int64_t end = begin + chunk < K ? begin + chunk : K;
    const float* a = A + blockIdx.x * K;
    float s0 = 0.f, s1 = 0.f, s2 = 0.f, s3 = 0.f;
    if (kVec) {
        for (int64_t k = begin + threadIdx.x * 4; k < end; k += kThreads * 4) {
            const float4 av = __ldcs(reinterpret_cast<const float4*>(a + k));
            const float4 xv = __ldg(reinterpret_cast<const float4*>(x + k));
            s0 = fmaf(av.x, xv.x, s0);
            s1 = fmaf(av.y, xv.y, s1);
            s2 = fmaf(av.z, xv.z, s2);
            s3 = fmaf(av.w, xv.w, s3);
        }
    } else {
        for (int64_t k = begin + threadIdx.x; k < end; k += kThreads) s0 = fmaf(a[k], __ldg(x + k), s0);
    }
    const float total = block_reduce((s0 + s1) + (s2 + s3));
    if (threadIdx.x == 0) partial[(int64_t)blockIdx.x * gridDim.y + blockIdx.y] = total;
}

__global__ void gemv_finish(const float* __restrict__ partial, float* __restrict__ y, int M, int splits) {
    const int row = blockIdx.x * blockDim.x + threadIdx.x;
    if (row >= M) return;
    float s = 0.f;
    for (int i = 0; i < splits; ++i) s += partial[(int64_t)row * splits + i];
    y[row] = s;
}

torch::Tensor gemv(torch::Tensor A, torch::Tensor B) {
    TORCH_CHECK(A.is_contiguous() && B.is_contiguous(), "contiguous tensors only");
    const int64_t M = A.size(0), K = A.size(1);
    TORCH_CHECK(B.size(0) == K && B.size(1) == 1, "B must be a column vector");
    auto y = torch::empty({M, 1}, A.options());
    const int64_t chunk = 16384;  // a multiple of four: every slice starts aligned
    const int splits = (K + chunk - 1) / chunk;
    auto partial = torch::empty({M, splits}, A.options());
    auto stream = at::cuda::getCurrentCUDAStream();
    const dim3 grid(M, splits);
    if (K % 4 == 0)
        gemv_partial<true><<<grid, kThreads, 0, stream>>>(
            A.data_ptr<float>(), B.data_ptr<float>(), partial.data_ptr<float>(), K, chunk);
    else
        gemv_partial<false><<<grid, kThreads, 0, stream>>>(
            A.data_ptr<float>(), B.data_ptr<float>(), partial.data_ptr<float>(), K, chunk);
    C10_CUDA_KERNEL_LAUNCH_CHECK();
    gemv_finish<<<(M + 127) / 128, 128, 0, stream>>>(partial.data_ptr<float>(), y.data_ptr<float>(), M, splits);
    C10_CUDA_KERNEL_LAUNCH_CHECK();
    return y;
}
"""

gemv_module = load_inline(
    name="gemv_split",
    cpp_sources=["torch::Tensor gemv(torch::Tensor A, torch::Tensor B);"],
    cuda_sources=[src],
    functions=["gemv"],
    extra_cflags=["-O3"],
    extra_cuda_cflags=["-O3", "-lineinfo"],
)


class ModelNew(nn.Module):
    def __init__(self):
        super().__init__()

    def forward(self, A: torch.Tensor, B: torch.Tensor) -> torch.Tensor:
        return gemv_module.gemv(A.contiguous(), B.contiguous())
