# problem: level1/23
# kind: honest
# expected: correct
import torch
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

cuda_src = r"""
#include <cooperative_groups.h>
#include <cooperative_groups/reduce.h>
#include <cuda_runtime.h>
#include <torch/extension.h>

namespace cg = cooperative_groups;

// One warp-sized tile per row.
__global__ void softmax_forward_kernel5(float* out, const float* inp, int N, int C) {
    cg::thread_block block = cg::this_thread_block();
    cg::thread_block_tile<32> warp = cg::tiled_partition<32>(block);
    int idx = blockIdx.x * warp.meta_group_size() + warp.meta_group_rank();
    if (idx >= N) return;

    const float* x = inp + idx * C;

    float maxval = -INFINITY;
    for (int i = warp.thread_rank(); i < C; i += warp.size()) {
        maxval = fmaxf(maxval, x[i]);
    }
    maxval = cg::reduce(warp, maxval, cg::greater<float>{});

    float sum = 0.0f;
    for (int i = warp.thread_rank(); i < C; i += warp.size()) {
        float e = expf(x[i] - maxval);
        out[idx * C + i] = e;
        sum += e;
    }
    sum = cg::reduce(warp, sum, cg::plus<float>{});

    for (int i = warp.thread_rank(); i < C; i += warp.size()) {
        out[idx * C + i] /= sum;
    }
}

torch::Tensor softmax(torch::Tensor inp) {
    inp = inp.contiguous();
    auto out = torch::empty_like(inp);
    int N = inp.size(0);
    int C = inp.size(1);
    const int block_size = 128;
    const int grid_size = (N * 32 + block_size - 1) / block_size;
    softmax_forward_kernel5<<<grid_size, block_size>>>(out.data_ptr<float>(), inp.data_ptr<float>(), N, C);
    return out;
}
"""

cpp_src = "torch::Tensor softmax(torch::Tensor inp);"

ext = load_inline("softmax_cg", cpp_src, cuda_src, functions=["softmax"], verbose=False)


class ModelNew(nn.Module):
    def __init__(self):
        super().__init__()
        self.softmax = ext.softmax

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.softmax(x.cuda())
