# problem: level1/33
# kind: honest
# expected: correct
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

src = r"""
#include <torch/extension.h>
#include <cooperative_groups.h>
#include <cuda_runtime.h>
#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDAException.h>

namespace cg = cooperative_groups;

// Statistics and normalisation in one launch; the grid waits for itself in between.
__global__ void batch_norm_coop(const float* x, const float* gamma, const float* beta, float* y, float* stats,
                                int N, int C, int HW, float eps) {
    cg::grid_group grid = cg::this_grid();
    __shared__ double s_sum[256], s_sq[256];
    const int tid = threadIdx.x;

    for (int c = blockIdx.x; c < C; c += gridDim.x) {
        double sum = 0, sq = 0;
        for (int n = 0; n < N; ++n)
            for (int i = tid; i < HW; i += blockDim.x) {
                const double v = x[((size_t)n * C + c) * HW + i];
                sum += v;
                sq += v * v;
            }
        s_sum[tid] = sum;
        s_sq[tid] = sq;
        __syncthreads();
        for (int h = blockDim.x / 2; h > 0; h >>= 1) {
            if (tid < h) {
                s_sum[tid] += s_sum[tid + h];
                s_sq[tid] += s_sq[tid + h];
            }
            __syncthreads();
        }
        if (tid == 0) {
            const double m = s_sum[0] / ((double)N * HW);
            stats[c] = (float)m;
            stats[C + c] = (float)(1.0 / sqrt(s_sq[0] / ((double)N * HW) - m * m + eps));
        }
        __syncthreads();
    }

    grid.sync();

    const size_t total = (size_t)N * C * HW;
    for (size_t i = grid.thread_rank(); i < total; i += grid.size()) {
        const int c = (i / HW) % C;
        y[i] = (x[i] - stats[c]) * stats[C + c] * gamma[c] + beta[c];
    }
}

torch::Tensor bn_forward(torch::Tensor x, torch::Tensor gamma, torch::Tensor beta, double eps_d) {
    x = x.contiguous();
    auto y = torch::empty_like(x);
    int N = x.size(0), C = x.size(1), HW = x.size(2) * x.size(3);
    auto stats = torch::empty({2 * C}, x.options());
    float eps = eps_d;
    const float *px = x.data_ptr<float>(), *pg = gamma.data_ptr<float>(), *pb = beta.data_ptr<float>();
    float *py = y.data_ptr<float>(), *ps = stats.data_ptr<float>();

    int blocks_per_sm = 0;
    C10_CUDA_CHECK(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks_per_sm, batch_norm_coop, 256, 0));
    int grid = std::min(C, blocks_per_sm * at::cuda::getCurrentDeviceProperties()->multiProcessorCount);
    void* args[] = {&px, &pg, &pb, &py, &ps, &N, &C, &HW, &eps};
    C10_CUDA_CHECK(cudaLaunchCooperativeKernel((void*)batch_norm_coop, dim3(grid), dim3(256), args, 0,
                                               at::cuda::getCurrentCUDAStream()));
    return y;
}
"""

ext = load_inline(
    name="bn_coop",
    cpp_sources="torch::Tensor bn_forward(torch::Tensor x, torch::Tensor gamma, torch::Tensor beta, double eps_d);",
    cuda_sources=src,
    functions=["bn_forward"],
)


class ModelNew(nn.Module):
    def __init__(self, num_features):
        super().__init__()
        self.bn = nn.BatchNorm2d(num_features)

    def forward(self, x):
        return ext.bn_forward(x, self.bn.weight, self.bn.bias, self.bn.eps)
