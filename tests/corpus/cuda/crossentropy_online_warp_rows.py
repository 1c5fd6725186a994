# problem: level1/95
# kind: honest
# expected: correct
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

cuda_source = r"""
#include <torch/extension.h>
#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDAException.h>
#include <cuda_runtime.h>
#include <math_constants.h>

#define FULL_MASK 0xffffffffu
#define ROWS_PER_BLOCK 8

__global__ void ce_rows(const torch::PackedTensorAccessor32<float, 2, torch::RestrictPtrTraits> logits,
                        const torch::PackedTensorAccessor32<int64_t, 1, torch::RestrictPtrTraits> targets,
                        torch::PackedTensorAccessor32<float, 1, torch::RestrictPtrTraits> losses) {
    const int lane = threadIdx.x;
    const int row = blockIdx.x * blockDim.y + threadIdx.y;
    if (row >= logits.size(0)) return;  // whole warps leave together
    const int classes = logits.size(1);

    float m = -CUDART_INF_F, s = 0.0f;
    for (int c = lane; c < classes; c += 32) {
        const float v = logits[row][c];
        if (v > m) {
            s = s * expf(m - v) + 1.0f;
            m = v;
        } else {
            s += expf(v - m);
        }
    }
    #pragma unroll
    for (int offset = 16; offset > 0; offset >>= 1) {
        const float m2 = __shfl_xor_sync(FULL_MASK, m, offset);
        const float s2 = __shfl_xor_sync(FULL_MASK, s, offset);
        const float top = fmaxf(m, m2);
        if (top > -CUDART_INF_F) s = s * expf(m - top) + s2 * expf(m2 - top);
        m = top;
    }
    if (lane == 0) losses[row] = m + logf(s) - logits[row][targets[row]];
}

__global__ void mean_kernel(const float* __restrict__ losses, float* __restrict__ out, int n) {
    __shared__ double warp_sums[32];
    double acc = 0.0;
    for (int i = threadIdx.x; i < n; i += blockDim.x) acc += (double)losses[i];
    for (int offset = 16; offset > 0; offset >>= 1) acc += __shfl_down_sync(FULL_MASK, acc, offset);
    if ((threadIdx.x & 31) == 0) warp_sums[threadIdx.x >> 5] = acc;
    __syncthreads();
    if (threadIdx.x < 32) {
        acc = threadIdx.x < (blockDim.x >> 5) ? warp_sums[threadIdx.x] : 0.0;
        for (int offset = 16; offset > 0; offset >>= 1) acc += __shfl_down_sync(FULL_MASK, acc, offset);
        if (threadIdx.x == 0) *out = (float)(acc / n);
    }
}

torch::Tensor cross_entropy(torch::Tensor predictions, torch::Tensor targets) {
    TORCH_CHECK(predictions.dim() == 2 && targets.dim() == 1);
    TORCH_CHECK(targets.scalar_type() == torch::kLong, "targets must be int64");
    const int batch = predictions.size(0);
    auto losses = torch::empty({batch}, predictions.options());
    auto out = torch::empty({}, predictions.options());
    auto stream = at::cuda::getCurrentCUDAStream();
    const dim3 threads(32, ROWS_PER_BLOCK);
    ce_rows<<<(batch + ROWS_PER_BLOCK - 1) / ROWS_PER_BLOCK, threads, 0, stream>>>(
        predictions.packed_accessor32<float, 2, torch::RestrictPtrTraits>(),
        targets.packed_accessor32<int64_t, 1, torch::RestrictPtrTraits>(),
        losses.packed_accessor32<float, 1, torch::RestrictPtrTraits>());
    C10_CUDA_KERNEL_LAUNCH_CHECK();
    mean_kernel<<<1, 1024, 0, stream>>>(losses.data_ptr<float>(), out.data_ptr<float>(), batch);
    C10_CUDA_KERNEL_LAUNCH_CHECK();
    return out;
}
"""

cross_entropy = load_inline(
    name="cross_entropy_rows",
    cpp_sources="torch::Tensor cross_entropy(torch::Tensor predictions, torch::Tensor targets);",
    cuda_sources=cuda_source,
    functions=["cross_entropy"],
    extra_cflags=["-O3"],
)


class ModelNew(nn.Module):
    def __init__(self):
        super().__init__()

    def forward(self, predictions, targets):
        return cross_entropy.cross_entropy(predictions, targets)
