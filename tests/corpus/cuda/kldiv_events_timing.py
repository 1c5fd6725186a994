# problem: level1/98
# kind: honest
# expected: correct
import torch
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

src = r"""
#include <torch/extension.h>
#include <ATen/cuda/CUDAEvent.h>
#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDAStream.h>
#include <c10/cuda/CUDAGuard.h>

__global__ void kl_rows(const float* __restrict__ p, const float* __restrict__ t, float* __restrict__ rows, int dim) {
    extern __shared__ float buf[];
    const float* pr = p + blockIdx.x * dim;
    const float* tr = t + blockIdx.x * dim;
    float s = 0.f;
    for (int i = threadIdx.x; i < dim; i += blockDim.x) {
        const float q = tr[i];
        s += q > 0.f ? q * (logf(q) - logf(pr[i])) : 0.f;
    }
    buf[threadIdx.x] = s;
    __syncthreads();
    for (unsigned k = blockDim.x / 2; k > 0; k >>= 1) {
        if (threadIdx.x < k) buf[threadIdx.x] += buf[threadIdx.x + k];
        __syncthreads();
    }
    if (threadIdx.x == 0) rows[blockIdx.x] = buf[0];
}

__global__ void mean_rows(const float* rows, float* out, int n) {
    float s = 0.f;
    for (int i = threadIdx.x; i < n; i += 32) s += rows[i];
    for (int d = 16; d; d /= 2) s += __shfl_down_sync(~0u, s, d);
    if (threadIdx.x == 0) out[0] = s / n;
}

torch::Tensor kl(torch::Tensor p, torch::Tensor t) {
    c10::cuda::CUDAGuard guard(p.device());
    const int n = p.size(0), dim = p.size(1);
    auto rows = torch::empty({n}, p.options());
    auto out = torch::empty({}, p.options());

    at::cuda::CUDAStream current = at::cuda::getCurrentCUDAStream();
    at::cuda::CUDAStream side = at::cuda::getStreamFromPool(/*isHighPriority=*/true);
    at::cuda::CUDAEvent ready, done;
    ready.record(current);
    ready.block(side);
    {
        c10::cuda::CUDAStreamGuard stream_guard(side);
        kl_rows<<<n, 128, 128 * sizeof(float), side.stream()>>>(
            p.data_ptr<float>(), t.data_ptr<float>(), rows.data_ptr<float>(), dim);
        mean_rows<<<1, 32, 0, side.stream()>>>(rows.data_ptr<float>(), out.data_ptr<float>(), n);
        done.record(side);
    }
    done.block(current);
    return out;
}
"""

ext = load_inline(
    name="kl_side_stream",
    cpp_sources="torch::Tensor kl(torch::Tensor p, torch::Tensor t);",
    cuda_sources=src,
    functions=["kl"],
)


class ModelNew(nn.Module):
    def __init__(self):
        super().__init__()

    def forward(self, predictions, targets):
        out = ext.kl(predictions.contiguous(), targets.contiguous())
        torch.cuda.synchronize()
        return out
