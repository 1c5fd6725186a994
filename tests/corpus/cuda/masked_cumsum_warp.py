# problem: level1/93
# kind: honest
# expected: correct
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

cuda_source = """
#include <torch/extension.h>
#include <cuda_runtime.h>
#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDAException.h>

// One warp per row, 32 columns per step; __activemask is never needed since whole warps run.
__global__ void masked_cumsum(const float* __restrict__ x, const bool* __restrict__ mask, float* __restrict__ y,
                              int rows, int n) {
    const int lane = threadIdx.x & 31;
    const int row = (blockIdx.x * blockDim.x + threadIdx.x) >> 5;
    if (row >= rows) return;
    const float* xr = x + (size_t)row * n;
    const bool* mr = mask + (size_t)row * n;
    float* yr = y + (size_t)row * n;
    float running = 0.0f;
    for (int base = 0; base < n; base += 32) {
        const int i = base + lane;
        const bool on = i < n && mr[i];
        const unsigned any = __ballot_sync(0xffffffffu, on);
        if (any == 0u) {
            if (i < n) yr[i] = running;
            continue;
        }
        float v = on ? xr[i] : 0.0f;
        #pragma unroll
        for (int d = 1; d < 32; d <<= 1) {
            float t = __shfl_up_sync(0xffffffffu, v, d);
            if (lane >= d) v += t;
        }
        v += running;
        if (i < n) yr[i] = v;
        running = __shfl_sync(0xffffffffu, v, 31);
    }
}

torch::Tensor masked_cumsum_cuda(torch::Tensor x, torch::Tensor mask) {
    TORCH_CHECK(x.is_cuda(), "x must be a CUDA tensor");
    TORCH_CHECK(mask.is_cuda(), "mask must be a CUDA tensor");
    TORCH_CHECK(mask.scalar_type() == torch::kBool, "mask must be bool");
    x = x.contiguous();
    mask = mask.contiguous();
    auto y = torch::empty_like(x);
    const int n = x.size(1), rows = x.size(0);
    const int warps_per_block = 4;
    masked_cumsum<<<(rows + warps_per_block - 1) / warps_per_block, 32 * warps_per_block, 0,
                    at::cuda::getCurrentCUDAStream()>>>(
        x.data_ptr<float>(), mask.data_ptr<bool>(), y.data_ptr<float>(), rows, n);
    C10_CUDA_KERNEL_LAUNCH_CHECK();
    return y;
}
"""

ext = load_inline(
    name="masked_cumsum",
    cpp_sources="torch::Tensor masked_cumsum_cuda(torch::Tensor x, torch::Tensor mask);",
    cuda_sources=cuda_source,
    functions=["masked_cumsum_cuda"],
    verbose=False,
)


class ModelNew(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.dim = dim

    def forward(self, x, mask):
        return ext.masked_cumsum_cuda(x, mask)
