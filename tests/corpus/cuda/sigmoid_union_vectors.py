# problem: level1/21
# kind: honest
# expected: correct
from torch import nn
from torch.utils import cpp_extension

_src = r"""
#include <torch/extension.h>
#include <cuda_runtime.h>
#include <stdint.h>

union Pack {
    float4 v;
    float f[4];
    uint4 raw;
};

__device__ __forceinline__ float sigmoidf(float x) { return __fdividef(1.0f, 1.0f + expf(-x)); }

__global__ void __launch_bounds__(256, 4) sigmoid_vec4(const uint4* __restrict__ in, uint4* __restrict__ out,
                                                       uint32_t n4) {
    for (uint32_t i = blockIdx.x * blockDim.x + threadIdx.x; i < n4; i += gridDim.x * blockDim.x) {
        Pack p;
        p.raw = __ldg(&in[i]);
#pragma unroll
        for (int j = 0; j < 4; j++) p.f[j] = sigmoidf(p.f[j]);
        out[i] = p.raw;
    }
}

__global__ void sigmoid_tail(const float* in, float* out, uint32_t start, uint32_t n) {
    uint32_t i = start + threadIdx.x;
    if (i < n) out[i] = sigmoidf(in[i]);
}

torch::Tensor fwd(torch::Tensor x) {
    TORCH_CHECK(x.is_contiguous());
    auto y = torch::empty_like(x);
    uint32_t n = x.numel(), n4 = n >> 2;
    cudaDeviceProp prop;
    cudaGetDeviceProperties(&prop, x.get_device());
    int grid = prop.multiProcessorCount * 8;
    if (n4) sigmoid_vec4<<<grid, 256>>>((const uint4*)x.data_ptr(), (uint4*)y.data_ptr(), n4);
    if (n & 3) sigmoid_tail<<<1, 4>>>(x.data_ptr<float>(), y.data_ptr<float>(), n4 << 2, n);
    return y;
}
"""

_ext = cpp_extension.load_inline(
    "sig", cpp_sources="torch::Tensor fwd(torch::Tensor x);", cuda_sources=_src, functions={"fwd": "vectorised sigmoid"}
)


class ModelNew(nn.Module):
    def forward(self, x):
        return _ext.fwd(x.contiguous())
