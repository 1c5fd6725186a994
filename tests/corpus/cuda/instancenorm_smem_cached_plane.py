# problem: level1/34
# kind: honest
# expected: correct
import torch
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

cuda_src = r"""
#include <torch/extension.h>
#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDAException.h>
#include <cooperative_groups.h>
#include <cooperative_groups/reduce.h>

namespace cg = cooperative_groups;

constexpr int THREADS = 256;

__device__ float block_sum(const cg::thread_block& block, float v, float* scratch) {
    auto warp = cg::tiled_partition<32>(block);
    v = cg::reduce(warp, v, cg::plus<float>());
    if (warp.thread_rank() == 0) scratch[warp.meta_group_rank()] = v;
    block.sync();
    if (warp.meta_group_rank() == 0) {
        float t = warp.thread_rank() < warp.meta_group_size() ? scratch[warp.thread_rank()] : 0.f;
        t = cg::reduce(warp, t, cg::plus<float>());
        if (warp.thread_rank() == 0) scratch[0] = t;
    }
    block.sync();
    const float total = scratch[0];
    block.sync();
    return total;
}

// One block per (sample, channel). If a plane fits into shared memory, x is read from DRAM only once.
template <bool CACHED>
__global__ void __launch_bounds__(THREADS) instance_norm(const float* __restrict__ x, float* __restrict__ y,
                                                         int hw, float eps) {
    extern __shared__ float plane[];
    __shared__ float scratch[THREADS / 32];
    cg::thread_block block = cg::this_thread_block();
    const float* in = x + (size_t)blockIdx.x * hw;
    float* out = y + (size_t)blockIdx.x * hw;

    float sum = 0.f;
    for (int i = block.thread_rank(); i < hw; i += block.size()) {
        const float v = in[i];
        if constexpr (CACHED) plane[i] = v;
        sum += v;
    }
    const float mean = block_sum(block, sum, scratch) / hw;

    float sq = 0.f;
    for (int i = block.thread_rank(); i < hw; i += block.size()) {
        float v;
        if constexpr (CACHED) v = plane[i]; else v = in[i];
        sq += (v - mean) * (v - mean);
    }
    const float rstd = rsqrtf(block_sum(block, sq, scratch) / hw + eps);

    for (int i = block.thread_rank(); i < hw; i += block.size()) {
        float v;
        if constexpr (CACHED) v = plane[i]; else v = in[i];
        out[i] = (v - mean) * rstd;
    }
}

torch::Tensor instance_norm_forward(torch::Tensor x, double eps) {
    auto input = x.contiguous();
    auto y = torch::empty_like(input);
    const int planes = input.size(0) * input.size(1);
    const int hw = input.size(2) * input.size(3);
    const size_t bytes = (size_t)hw * sizeof(float);
    cudaStream_t stream = at::cuda::getCurrentCUDAStream();
    if (bytes <= 96 * 1024) {
        C10_CUDA_CHECK(cudaFuncSetAttribute(instance_norm<true>, cudaFuncAttributeMaxDynamicSharedMemorySize, 96 * 1024));
        instance_norm<true><<<planes, THREADS, bytes, stream>>>(
            input.data_ptr<float>(), y.data_ptr<float>(), hw, (float)eps);
    } else {
        instance_norm<false><<<planes, THREADS, 0, stream>>>(
            input.data_ptr<float>(), y.data_ptr<float>(), hw, (float)eps);
    }
    C10_CUDA_KERNEL_LAUNCH_CHECK();
    return y;
}
"""

instance_norm = load_inline(
    name="instance_norm_cached",
    cpp_sources="torch::Tensor instance_norm_forward(torch::Tensor x, double eps);",
    cuda_sources=cuda_src,
    functions=["instance_norm_forward"],
    extra_cuda_cflags=["-O3"],
)


class ModelNew(nn.Module):
    def __init__(self, num_features: int) -> None:
        super().__init__()
        self.norm = nn.InstanceNorm2d(num_features)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return instance_norm.instance_norm_forward(x, self.norm.eps)
