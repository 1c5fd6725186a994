# problem: level1/29
# kind: honest
# expected: correct
import torch
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

src = r"""
#include <torch/extension.h>
#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDAException.h>

template <typename T, int N>
struct alignas(sizeof(T) * N) aligned_vector {
    T val[N];
};

template <typename scalar_t, int N, typename Func>
__global__ void vectorized_elementwise(int64_t n, const scalar_t* __restrict__ in, scalar_t* __restrict__ out, Func f) {
    using vec = aligned_vector<scalar_t, N>;
    const int64_t i = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
    const int64_t first = i * N;
    if (first + N <= n) {
        vec v = *reinterpret_cast<const vec*>(in + first);
#pragma unroll
        for (int j = 0; j < N; ++j) v.val[j] = f(v.val[j]);
        *reinterpret_cast<vec*>(out + first) = v;
    } else {
        for (int64_t k = first; k < n; ++k) out[k] = f(in[k]);
    }
}

template <typename scalar_t, typename Func>
void gpu_elementwise(const torch::Tensor& in, torch::Tensor& out, const Func& f) {
    constexpr int N = 16 / sizeof(scalar_t);
    constexpr int threads = 256;
    const int64_t n = in.numel();
    const int64_t blocks = (n + threads * N - 1) / (threads * N);
    vectorized_elementwise<scalar_t, N><<<blocks, threads, 0, at::cuda::getCurrentCUDAStream()>>>(
        n, in.data_ptr<scalar_t>(), out.data_ptr<scalar_t>(), f);
    C10_CUDA_KERNEL_LAUNCH_CHECK();
}

torch::Tensor softplus(torch::Tensor x, double beta, double threshold) {
    x = x.contiguous();
    auto y = torch::empty_like(x);
    if (x.numel() == 0) return y;
    AT_DISPATCH_FLOATING_TYPES_AND_HALF(x.scalar_type(), "softplus", [&] {
        const float b = static_cast<float>(beta), t = static_cast<float>(threshold);
        gpu_elementwise<scalar_t>(x, y, [b, t] __device__(scalar_t v) -> scalar_t {
            const float z = static_cast<float>(v) * b;
            return z > t ? v : static_cast<scalar_t>(log1pf(expf(z)) / b);
        });
    });
    return y;
}
"""

softplus_ext = load_inline(
    name="softplus_lambda",
    cpp_sources="torch::Tensor softplus(torch::Tensor x, double beta, double threshold);",
    cuda_sources=src,
    functions=["softplus"],
    extra_cuda_cflags=["-O3", "--use_fast_math", "--extended-lambda"],
)


class ModelNew(nn.Module):
    def __init__(self):
        super().__init__()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return softplus_ext.softplus(x, 1.0, 20.0)
