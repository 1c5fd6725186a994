# problem: tests/corpus/problems/half_add_layernorm.py
# kind: honest
# expected: correct
import torch
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

cuda_src = r"""
#include <torch/extension.h>
#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDAException.h>
#include <cuda_bf16.h>
#include <cuda_fp16.h>

// fp16 and bf16 share one kernel: traits name the packed type and its conversions.
template <typename T> struct Packed;
template <> struct Packed<__half> {
    using type = __half2;
    static __device__ __forceinline__ float2 to_float2(__half2 v) { return __half22float2(v); }
    static __device__ __forceinline__ __half2 from_float2(float2 v) { return __float22half2_rn(v); }
    static __device__ __forceinline__ float to_float(__half v) { return __half2float(v); }
    static __device__ __forceinline__ __half from_float(float v) { return __float2half_rn(v); }
};
template <> struct Packed<__nv_bfloat16> {
    using type = __nv_bfloat162;
    static __device__ __forceinline__ float2 to_float2(__nv_bfloat162 v) { return __bfloat1622float2(v); }
    static __device__ __forceinline__ __nv_bfloat162 from_float2(float2 v) { return __float22bfloat162_rn(v); }
    static __device__ __forceinline__ float to_float(__nv_bfloat16 v) { return __bfloat162float(v); }
    static __device__ __forceinline__ __nv_bfloat16 from_float(float v) { return __float2bfloat16_rn(v); }
};

constexpr int kThreads = 256;

__device__ float2 block_sum2(float2 v) {
    __shared__ float2 parts[kThreads / 32];
    const int lane = threadIdx.x & 31, warp = threadIdx.x >> 5;
    for (int o = 16; o > 0; o >>= 1) {
        v.x += __shfl_xor_sync(0xffffffff, v.x, o);
        v.y += __shfl_xor_sync(0xffffffff, v.y, o);
    }
    __syncthreads();
    if (lane == 0) parts[warp] = v;
    __syncthreads();
    float2 total = make_float2(0.f, 0.f);
    for (int w = 0; w < kThreads / 32; ++w) {
        total.x += parts[w].x;
        total.y += parts[w].y;
    }
    return total;
}

// Block per row; the sum x + r is rounded to T, as the unfused sequence would, and kept in shared memory as float.
template <typename T, bool kPairs>
__global__ void __launch_bounds__(kThreads) add_layernorm(const T* __restrict__ x, const T* __restrict__ r,
                                                          T* __restrict__ y, int dim, float eps) {
    using P = Packed<T>;
    using T2 = typename P::type;
    extern __shared__ float row[];
    const size_t base = (size_t)blockIdx.x * dim;
    float2 sums = make_float2(0.f, 0.f);
    if constexpr (kPairs) {
        const T2* x2 = reinterpret_cast<const T2*>(x + base);
        const T2* r2 = reinterpret_cast<const T2*>(r + base);
        for (int i = threadIdx.x; i < dim / 2; i += kThreads) {
            const float2 s = P::to_float2(__hadd2(x2[i], r2[i]));
            row[2 * i] = s.x;
            row[2 * i + 1] = s.y;
            sums.x += s.x + s.y;
        }
    } else {
        for (int i = threadIdx.x; i < dim; i += kThreads) {
            const float s = P::to_float(__hadd(x[base + i], r[base + i]));
            row[i] = s;
            sums.x += s;
        }
    }
    const float mean = block_sum2(sums).x / dim;
    float2 squares = make_float2(0.f, 0.f);
    for (int i = threadIdx.x; i < dim; i += kThreads) squares.x += (row[i] - mean) * (row[i] - mean);
    const float rstd = rsqrtf(block_sum2(squares).x / dim + eps);
    if constexpr (kPairs) {
        T2* y2 = reinterpret_cast<T2*>(y + base);
        for (int i = threadIdx.x; i < dim / 2; i += kThreads)
            y2[i] = P::from_float2(make_float2((row[2 * i] - mean) * rstd, (row[2 * i + 1] - mean) * rstd));
    } else {
        for (int i = threadIdx.x; i < dim; i += kThreads) y[base + i] = P::from_float((row[i] - mean) * rstd);
    }
}

template <typename T>
void launch(const void* x, const void* r, void* y, int rows, int dim, float eps) {
    const size_t smem = dim * sizeof(float);
    auto stream = at::cuda::getCurrentCUDAStream();
    if (dim % 2 == 0)
        add_layernorm<T, true><<<rows, kThreads, smem, stream>>>(
            static_cast<const T*>(x), static_cast<const T*>(r), static_cast<T*>(y), dim, eps);
    else
        add_layernorm<T, false><<<rows, kThreads, smem, stream>>>(
            static_cast<const T*>(x), static_cast<const T*>(r), static_cast<T*>(y), dim, eps);
    C10_CUDA_KERNEL_LAUNCH_CHECK();
}

torch::Tensor add_layernorm_forward(torch::Tensor x, torch::Tensor r, double eps) {
    x = x.contiguous();
    r = r.contiguous();
    auto y = torch::empty_like(x);
    const int dim = x.size(-1);
    const int rows = x.numel() / dim;
    TORCH_CHECK(dim <= 12000, "a row must fit into 48 KB of shared memory");
    if (x.scalar_type() == at::ScalarType::Half)
        launch<__half>(x.data_ptr(), r.data_ptr(), y.data_ptr(), rows, dim, (float)eps);
    else if (x.scalar_type() == at::ScalarType::BFloat16)
        launch<__nv_bfloat16>(x.data_ptr(), r.data_ptr(), y.data_ptr(), rows, dim, (float)eps);
    else
        TORCH_CHECK(false, "expected float16 or bfloat16");
    return y;
}
"""

ext = load_inline(
    name="add_layernorm_half2",
    cpp_sources="torch::Tensor add_layernorm_forward(torch::Tensor x, torch::Tensor r, double eps);",
    cuda_sources=cuda_src,
    functions=["add_layernorm_forward"],
    extra_cuda_cflags=["-O3"],
)


class ModelNew(nn.Module):
    def __init__(self):
        super().__init__()

    def forward(self, x: torch.Tensor, r: torch.Tensor) -> torch.Tensor:
        return ext.add_layernorm_forward(x, r, 1e-5)
