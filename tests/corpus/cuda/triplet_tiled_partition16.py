# problem: level1/99
# kind: honest
# expected: correct
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

src = r"""
#include <torch/extension.h>
#include <cuda_runtime.h>
#include <cooperative_groups.h>

namespace cg = cooperative_groups;

template <unsigned Size>
__device__ float tile_sum(cg::thread_block_tile<Size> g, float v) {
    for (int i = g.size() / 2; i > 0; i /= 2) v += g.shfl_down(v, i);
    return g.shfl(v, 0);
}

// Two half-warp tiles per row: one measures the distance to the positive, the other to the negative.
__global__ void triplet(const float* __restrict__ a, const float* __restrict__ p, const float* __restrict__ n,
                        float* __restrict__ losses, int rows, int dim, float margin) {
    auto block = cg::this_thread_block();
    auto warp = cg::tiled_partition<32>(block);
    auto half = cg::tiled_partition<16>(warp);
    __shared__ float dist[8][2];
    const int w = block.thread_rank() / 32;
    const int row = block.group_index().x * 8 + w;
    const bool is_negative = half.meta_group_rank() == 1;

    if (row < rows) {
        const float* other = (is_negative ? n : p) + (size_t)row * dim;
        const float* anchor = a + (size_t)row * dim;
        float s = 0.f;
        for (int i = half.thread_rank(); i < dim; i += half.num_threads()) {
            const float d = anchor[i] - other[i] + 1e-6f;
            s += d * d;
        }
        s = tile_sum<16>(half, s);
        if (half.thread_rank() == 0) dist[w][is_negative] = sqrtf(s);
        warp.sync();
        if (warp.thread_rank() == 0) losses[row] = fmaxf(dist[w][0] - dist[w][1] + margin, 0.f);
    }
}

__global__ void mean1(const float* v, float* out, int n) {
    cg::thread_block_tile<32> g = cg::tiled_partition<32>(cg::this_thread_block());
    float s = 0.f;
    for (int i = g.thread_rank(); i < n; i += 32) s += v[i];
    for (int d = 16; d > 0; d >>= 1) s += g.shfl_xor(s, d);
    if (g.thread_rank() == 0) *out = s / n;
}

torch::Tensor triplet_loss(torch::Tensor a, torch::Tensor p, torch::Tensor n, float margin) {
    const int rows = a.size(0), dim = a.size(1);
    auto losses = torch::empty({rows}, a.options());
    auto out = torch::empty({}, a.options());
    triplet<<<(rows + 7) / 8, 256>>>(a.data_ptr<float>(), p.data_ptr<float>(), n.data_ptr<float>(),
                                     losses.data_ptr<float>(), rows, dim, margin);
    mean1<<<1, 32>>>(losses.data_ptr<float>(), out.data_ptr<float>(), rows);
    return out;
}
"""

ext = load_inline(
    name="triplet_cg",
    cpp_sources="torch::Tensor triplet_loss(torch::Tensor a, torch::Tensor p, torch::Tensor n, float margin);",
    cuda_sources=src,
    functions=["triplet_loss"],
)


class ModelNew(nn.Module):
    def __init__(self, margin=1.0):
        super().__init__()
        self.margin = margin

    def forward(self, anchor, positive, negative):
        return ext.triplet_loss(anchor.contiguous(), positive.contiguous(), negative.contiguous(), self.margin)
