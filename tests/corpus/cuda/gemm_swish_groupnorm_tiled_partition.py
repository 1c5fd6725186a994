# problem: level2/37
# kind: honest
# expected: correct
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.cpp_extension import load_inline

# The GEMM stays with cuBLAS, everything behind it is one kernel.
source = r"""
#include <torch/extension.h>
#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDAException.h>
#include <cooperative_groups.h>
#include <cooperative_groups/reduce.h>

namespace cg = cooperative_groups;

template <int LANES>
__global__ void swish_bias_groupnorm(const float* __restrict__ z, const float* __restrict__ bias,
                                     const float* __restrict__ gamma, const float* __restrict__ beta,
                                     float* __restrict__ y, int64_t tasks, int groups, int size, float eps) {
    auto tile = cg::tiled_partition<LANES>(cg::this_thread_block());
    const int tiles_per_block = blockDim.x / LANES;
    const int64_t step = (int64_t)gridDim.x * tiles_per_block;
    // persistent: every tile walks over (row, group) pairs
    for (int64_t task = (int64_t)blockIdx.x * tiles_per_block + tile.meta_group_rank(); task < tasks; task += step) {
        const int first = (int)(task % groups) * size;
        const float* in = z + task * size;
        float* out = y + task * size;
        float sum = 0.f;
        for (int i = tile.thread_rank(); i < size; i += LANES) {
            const float v = in[i];
            const float s = v / (1.f + expf(-v)) + bias[first + i];
            out[i] = s;  // read again below by the thread that wrote it
            sum += s;
        }
        const float mean = cg::reduce(tile, sum, cg::plus<float>()) / size;
        float sq = 0.f;
        for (int i = tile.thread_rank(); i < size; i += LANES) {
            const float d = out[i] - mean;
            sq = fmaf(d, d, sq);
        }
        const float rstd = rsqrtf(cg::reduce(tile, sq, cg::plus<float>()) / size + eps);
        for (int i = tile.thread_rank(); i < size; i += LANES)
            out[i] = (out[i] - mean) * rstd * gamma[first + i] + beta[first + i];
    }
}

torch::Tensor fused_epilogue(torch::Tensor z, torch::Tensor bias, torch::Tensor gamma, torch::Tensor beta,
                             int64_t groups, double eps) {
    z = z.contiguous();
    auto y = torch::empty_like(z);
    const int size = z.size(1) / groups;
    const int64_t tasks = z.size(0) * groups;
    const int threads = 256;
    auto stream = at::cuda::getCurrentCUDAStream();
    auto run = [&](auto kernel, int lanes) {
        int per_sm = 0;
        C10_CUDA_CHECK(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&per_sm, kernel, threads, 0));
        const int64_t resident = (int64_t)per_sm * at::cuda::getCurrentDeviceProperties()->multiProcessorCount;
        const int64_t wanted = (tasks * lanes + threads - 1) / threads;
        const int blocks = (int)std::min(resident, wanted);
        kernel<<<blocks, threads, 0, stream>>>(z.data_ptr<float>(), bias.data_ptr<float>(), gamma.data_ptr<float>(),
                                               beta.data_ptr<float>(), y.data_ptr<float>(), tasks, (int)groups, size,
                                               (float)eps);
        C10_CUDA_KERNEL_LAUNCH_CHECK();
    };
    if (size <= 16) run(swish_bias_groupnorm<8>, 8);
    else if (size <= 32) run(swish_bias_groupnorm<16>, 16);
    else run(swish_bias_groupnorm<32>, 32);
    return y;
}
"""

ext = load_inline(
    name="swish_bias_groupnorm",
    cpp_sources=(
        "torch::Tensor fused_epilogue(torch::Tensor z, torch::Tensor bias, torch::Tensor gamma, torch::Tensor beta, "
        "int64_t groups, double eps);"
    ),
    cuda_sources=source,
    functions=["fused_epilogue"],
    extra_cuda_cflags=["-O3", "-std=c++17"],
)


class ModelNew(nn.Module):
    def __init__(self, in_features, out_features, num_groups, bias_shape):
        super().__init__()
        self.matmul = nn.Linear(in_features, out_features)
        self.bias = nn.Parameter(torch.randn(bias_shape))
        self.group_norm = nn.GroupNorm(num_groups, out_features)

    def forward(self, x):
        z = F.linear(x, self.matmul.weight, self.matmul.bias)
        norm = self.group_norm
        return ext.fused_epilogue(z, self.bias, norm.weight, norm.bias, norm.num_groups, norm.eps)
