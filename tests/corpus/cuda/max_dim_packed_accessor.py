# problem: level1/49
# kind: honest
# expected: correct
import torch
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

cuda_source = """
#include <torch/extension.h>
#include <cuda.h>
#include <cuda_runtime.h>
#include <limits>

template <typename scalar_t>
__global__ void max_reduce_kernel(
    const torch::PackedTensorAccessor32<scalar_t, 3, torch::RestrictPtrTraits> input,
    torch::PackedTensorAccessor32<scalar_t, 2, torch::RestrictPtrTraits> output) {
  const int n = blockIdx.y;
  const int c = blockIdx.x * blockDim.x + threadIdx.x;
  if (c < input.size(2)) {
    scalar_t best = -std::numeric_limits<scalar_t>::infinity();
    for (int i = 0; i < input.size(1); ++i) {
      const scalar_t v = input[n][i][c];
      best = v > best ? v : best;
    }
    output[n][c] = best;
  }
}

torch::Tensor max_reduce_cuda(torch::Tensor input, int dim) {
  auto x = input.transpose(dim, 1);
  auto output = torch::empty({x.size(0), x.size(2)}, x.options());
  const int threads = 128;
  const dim3 blocks((x.size(2) + threads - 1) / threads, x.size(0));
  AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "max_reduce_cuda", ([&] {
    max_reduce_kernel<scalar_t><<<blocks, threads>>>(
        x.packed_accessor32<scalar_t, 3, torch::RestrictPtrTraits>(),
        output.packed_accessor32<scalar_t, 2, torch::RestrictPtrTraits>());
  }));
  cudaError_t err = cudaGetLastError();
  if (err != cudaSuccess) {
    printf("CUDA error: %s\\n", cudaGetErrorString(err));
  }
  return output;
}
"""

max_reduce = load_inline(
    name="max_reduce",
    cpp_sources="torch::Tensor max_reduce_cuda(torch::Tensor input, int dim);",
    cuda_sources=cuda_source,
    functions=["max_reduce_cuda"],
    verbose=False,
    extra_cflags=[""],
    extra_ldflags=[""],
)


class ModelNew(nn.Module):
    def __init__(self, dim: int):
        super().__init__()
        self.dim = dim
        self.max_reduce = max_reduce

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.max_reduce.max_reduce_cuda(x, self.dim)
