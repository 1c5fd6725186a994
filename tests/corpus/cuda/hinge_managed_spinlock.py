# problem: level1/100
# kind: honest
# expected: correct
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

src = r"""
#include <torch/extension.h>
#include <cuda_runtime.h>
#include <ATen/cuda/CUDAContext.h>

// A mutex instead of a double-precision atomic: one thread per block takes it.
struct Accumulator {
    int lock;
    int pad;
    double sum;
};

__device__ void locked_add(Accumulator* acc, double v) {
    while (atomicCAS(&acc->lock, 0, 1) != 0) { __nanosleep(20); }
    __threadfence();
    volatile double* sum = &acc->sum;
    *sum = *sum + v;
    __threadfence();
    atomicExch(&acc->lock, 0);
}

__global__ void hinge(const float* __restrict__ x, const float* __restrict__ t, Accumulator* acc, int dim) {
    __shared__ float s[4];
    const float label = t[blockIdx.x];
    float sum = 0.f;
    for (int i = threadIdx.x; i < dim; i += blockDim.x) sum += fmaxf(0.f, 1.f - x[blockIdx.x * dim + i] * label);
    for (int o = 16; o; o >>= 1) sum += __shfl_down_sync(0xffffffff, sum, o);
    if (threadIdx.x % 32 == 0) s[threadIdx.x / 32] = sum;
    __syncthreads();
    if (threadIdx.x == 0) locked_add(acc, (double)s[0] + s[1] + s[2] + s[3]);
}

__global__ void finish(const Accumulator* acc, float* out, double n) { *out = (float)(acc->sum / n); }

torch::Tensor hinge_loss(torch::Tensor x, torch::Tensor t) {
    auto out = torch::empty({}, x.options());
    cudaStream_t stream = at::cuda::getCurrentCUDAStream();
    Accumulator* acc = nullptr;
    TORCH_CHECK(cudaMalloc((void**)&acc, sizeof(Accumulator)) == cudaSuccess);
    cudaMemsetAsync(acc, 0, sizeof(Accumulator), stream);
    hinge<<<x.size(0), 128, 0, stream>>>(x.data_ptr<float>(), t.data_ptr<float>(), acc, x.size(1));
    finish<<<1, 1, 0, stream>>>(acc, out.data_ptr<float>(), (double)x.numel());
    cudaStreamSynchronize(stream);
    cudaFree(acc);
    return out;
}
"""

ext = load_inline(
    name="hinge_lock",
    cpp_sources="torch::Tensor hinge_loss(torch::Tensor x, torch::Tensor t);",
    cuda_sources=src,
    functions=["hinge_loss"],
)


class ModelNew(nn.Module):
    def __init__(self):
        super().__init__()

    def forward(self, predictions, targets):
        return ext.hinge_loss(predictions.contiguous(), targets.contiguous())
