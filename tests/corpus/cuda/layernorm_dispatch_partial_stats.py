# problem: level1/40
# kind: honest
# expected: correct
import torch
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

layernorm_cpp = """
#include <torch/extension.h>
torch::Tensor layernorm_forward(torch::Tensor x, torch::Tensor gamma, torch::Tensor beta, double eps);
"""

layernorm_cuda = r"""
#include <torch/extension.h>
#include <ATen/AccumulateType.h>
#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDAException.h>
#include <cuda.h>
#include <cuda_runtime.h>
#include <algorithm>

// The normalised extent is huge (millions of elements) and the batch small, so a row is shared by several blocks:
// 1) every block reduces a slice to (sum of deviations from a pivot, sum of squared deviations),
// 2) every block of the second kernel folds the slices of its row and normalises its part.
constexpr int kBlock = 256;

template <typename acc_t>
__device__ __forceinline__ acc_t warpReduceSum(acc_t val) {
    for (int offset = warpSize / 2; offset > 0; offset /= 2) val += __shfl_down_sync(0xffffffff, val, offset);
    return val;
}

template <typename acc_t>
__device__ __forceinline__ acc_t blockReduceSum(acc_t val, acc_t* shared) {
    const int lane = threadIdx.x % warpSize;
    const int wid = threadIdx.x / warpSize;
    val = warpReduceSum(val);
    __syncthreads();
    if (lane == 0) shared[wid] = val;
    __syncthreads();
    val = (threadIdx.x < blockDim.x / warpSize) ? shared[lane] : acc_t(0);
    if (wid == 0) val = warpReduceSum(val);
    return val;
}

template <typename scalar_t, typename acc_t>
__global__ void layernorm_partial(const scalar_t* __restrict__ x, acc_t* __restrict__ partial, int64_t n) {
    __shared__ acc_t shared[32];
    const scalar_t* row = x + static_cast<int64_t>(blockIdx.y) * n;
    const acc_t pivot = static_cast<acc_t>(row[0]);
    acc_t s = 0, ss = 0;
    for (int64_t i = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < n;
         i += static_cast<int64_t>(gridDim.x) * blockDim.x) {
        const acc_t d = static_cast<acc_t>(row[i]) - pivot;
        s += d;
        ss += d * d;
    }
    s = blockReduceSum(s, shared);
    ss = blockReduceSum(ss, shared);
    if (threadIdx.x == 0) {
        acc_t* out = partial + 2 * (static_cast<int64_t>(blockIdx.y) * gridDim.x + blockIdx.x);
        out[0] = s;
        out[1] = ss;
    }
}

template <typename scalar_t, typename acc_t>
__global__ void layernorm_apply(const scalar_t* __restrict__ x, const scalar_t* __restrict__ gamma,
                                const scalar_t* __restrict__ beta, const acc_t* __restrict__ partial,
                                scalar_t* __restrict__ y, int64_t n, int slices, acc_t eps) {
    __shared__ acc_t shared[32];
    __shared__ acc_t s_mean, s_rstd;
    const int64_t offset = static_cast<int64_t>(blockIdx.y) * n;
    acc_t s = 0, ss = 0;
    for (int i = threadIdx.x; i < slices; i += blockDim.x) {
        s += partial[2 * (static_cast<int64_t>(blockIdx.y) * slices + i)];
        ss += partial[2 * (static_cast<int64_t>(blockIdx.y) * slices + i) + 1];
    }
    s = blockReduceSum(s, shared);
    ss = blockReduceSum(ss, shared);
    if (threadIdx.x == 0) {
        const acc_t shift = s / static_cast<acc_t>(n);
        acc_t var = ss / static_cast<acc_t>(n) - shift * shift;
        var = var < acc_t(0) ? acc_t(0) : var;
        s_mean = static_cast<acc_t>(x[offset]) + shift;
        s_rstd = acc_t(1) / sqrt(var + eps);
    }
    __syncthreads();
    const acc_t mean = s_mean, rstd = s_rstd;
    for (int64_t i = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < n;
         i += static_cast<int64_t>(gridDim.x) * blockDim.x) {
        const acc_t v = (static_cast<acc_t>(x[offset + i]) - mean) * rstd;
        y[offset + i] = static_cast<scalar_t>(v * static_cast<acc_t>(gamma[i]) + static_cast<acc_t>(beta[i]));
    }
}

torch::Tensor layernorm_forward(torch::Tensor x, torch::Tensor gamma, torch::Tensor beta, double eps) {
    x = x.contiguous();
    gamma = gamma.contiguous();
    beta = beta.contiguous();
    const int64_t n = gamma.numel();
    const int64_t rows = x.numel() / n;
    auto y = torch::empty_like(x);
    const int slices = static_cast<int>(std::min<int64_t>((n + kBlock * 8 - 1) / (kBlock * 8), 256));
    const dim3 grid(slices, rows);
    auto stream = at::cuda::getCurrentCUDAStream();

    AT_DISPATCH_FLOATING_TYPES_AND_HALF(x.scalar_type(), "layernorm_forward", ([&] {
        using acc_t = at::acc_type<scalar_t, /*is_cuda=*/true>;
        auto partial = torch::empty({rows, slices, 2}, x.options().dtype(c10::CppTypeToScalarType<acc_t>::value));
        layernorm_partial<scalar_t, acc_t><<<grid, kBlock, 0, stream>>>(
            x.data_ptr<scalar_t>(), partial.template data_ptr<acc_t>(), n);
        C10_CUDA_KERNEL_LAUNCH_CHECK();
        layernorm_apply<scalar_t, acc_t><<<grid, kBlock, 0, stream>>>(
            x.data_ptr<scalar_t>(), gamma.data_ptr<scalar_t>(), beta.data_ptr<scalar_t>(),
            partial.template data_ptr<acc_t>(), y.data_ptr<scalar_t>(), n, slices, static_cast<acc_t>(eps));
        C10_CUDA_KERNEL_LAUNCH_CHECK();
    }));
    return y;
}
"""

layernorm = load_inline(
    name="layernorm_split",
    cpp_sources=[layernorm_cpp],
    cuda_sources=[layernorm_cuda],
    functions=["layernorm_forward"],
    with_cuda=True,
)


class ModelNew(nn.Module):
    """LayerNorm over the last three dimensions with a hand-written two-kernel forward."""

    def __init__(self, normalized_shape: tuple):
        super().__init__()
        self.ln = nn.LayerNorm(normalized_shape=normalized_shape)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return layernorm.layernorm_forward(x, self.ln.weight, self.ln.bias, self.ln.eps)
