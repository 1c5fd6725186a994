# problem: level1/96
# kind: honest
# expected: correct
import os
import tempfile

import torch.nn as nn
from torch.utils.cpp_extension import load_inline

os.environ.setdefault("TORCH_CUDA_ARCH_LIST", "9.0")

cuda_source = r"""
#include <torch/extension.h>
#include <cuda_runtime.h>

static constexpr int NT = 256;

struct Huber {
    float delta;
    __host__ __device__ explicit Huber(float d) : delta(d) {}
    __device__ float operator()(float a, float b) const {
        const float d = fabsf(a - b);
        return d < delta ? 0.5f * d * d / delta : d - 0.5f * delta;
    }
};

template <class Op>
__global__ void pair_reduce(const float* a, const float* b, double* out, int64_t n, Op op) {
    __shared__ double s[NT];
    double acc = 0.0;
    for (int64_t i = blockIdx.x * (int64_t)NT + threadIdx.x; i < n; i += (int64_t)NT * gridDim.x) acc += op(a[i], b[i]);
    s[threadIdx.x] = acc;
    for (int h = NT >> 1; h; h >>= 1) {
        __syncthreads();
        if (threadIdx.x < h) s[threadIdx.x] += s[threadIdx.x + h];
    }
    if (!threadIdx.x) atomicAdd(out, s[0]);
}

torch::Tensor huber(torch::Tensor p, torch::Tensor t, double delta) {
    auto acc = torch::zeros({}, p.options().dtype(torch::kDouble));
    const auto n = p.numel();
    pair_reduce<<<64, NT>>>(p.data_ptr<float>(), t.data_ptr<float>(), acc.data_ptr<double>(), n, Huber((float)delta));
    return acc.div_(n).to(p.scalar_type());
}
"""

cpp_source = """
torch::Tensor huber(torch::Tensor p, torch::Tensor t, double delta);
"""


class ModelNew(nn.Module):
    def __init__(self):
        super().__init__()
        self.ext = load_inline(
            name="huber_ext",
            cpp_sources=[cpp_source],
            cuda_sources=[cuda_source],
            functions=["huber"],
            build_directory=tempfile.mkdtemp(),
        )

    def forward(self, predictions, targets):
        return self.ext.huber(predictions.contiguous(), targets.contiguous(), 1.0)
