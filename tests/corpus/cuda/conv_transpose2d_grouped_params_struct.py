# problem: level1/75
# kind: honest
# expected: correct
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

cpp_src = """
#include <torch/extension.h>
#include <vector>

torch::Tensor conv_transpose2d_cuda(torch::Tensor x, torch::Tensor w, std::vector<int64_t> out_size,
                                    std::vector<int64_t> stride, std::vector<int64_t> padding,
                                    std::vector<int64_t> dilation, int64_t groups);

torch::Tensor conv_transpose2d(torch::Tensor x, torch::Tensor w, std::vector<int64_t> stride,
                               std::vector<int64_t> padding, std::vector<int64_t> dilation, int64_t groups) {
    TORCH_CHECK(x.device().is_cuda() && w.device().is_cuda(), "inputs must live on the GPU");
    TORCH_CHECK(x.size(1) == w.size(0), "channel mismatch");
    std::vector<int64_t> out_size(2);
    for (int d = 0; d < 2; ++d)
        out_size[d] = (x.size(2 + d) - 1) * stride[d] - 2 * padding[d] + dilation[d] * (w.size(2 + d) - 1) + 1;
    return conv_transpose2d_cuda(x.contiguous(), w.contiguous(), out_size, stride, padding, dilation, groups);
}
"""

cuda_src = r"""
#include <torch/extension.h>
#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDAException.h>
#include <vector>

struct ConvParams {
    int batch, in_channels, height, width;
    int out_channels, out_height, out_width;
    int kh, kw, sh, sw, ph, pw, dh, dw;
    int in_per_group, out_per_group;
};

__device__ __forceinline__ bool source(int out, int pad, int dil, int k, int stride, int limit, int& in) {
    const int t = out + pad - dil * k;
    if (t < 0 || t % stride != 0) return false;
    in = t / stride;
    return in < limit;
}

__global__ void conv_transpose2d_kernel(const float* __restrict__ x, const float* __restrict__ w,
                                        float* __restrict__ y, const ConvParams p, const int64_t total) {
    for (int64_t index = blockIdx.x * (int64_t)blockDim.x + threadIdx.x; index < total;
         index += (int64_t)blockDim.x * gridDim.x) {
        int64_t rest = index;
        const int ow = rest % p.out_width;
        rest /= p.out_width;
        const int oh = rest % p.out_height;
        rest /= p.out_height;
        const int o = rest % p.out_channels;
        const int n = rest / p.out_channels;
        const int g = o / p.out_per_group;
        const int og = o - g * p.out_per_group;

        float sum = 0.f;
        for (int r = 0; r < p.kh; ++r) {
            int ih;
            if (!source(oh, p.ph, p.dh, r, p.sh, p.height, ih)) continue;
            for (int s = 0; s < p.kw; ++s) {
                int iw;
                if (!source(ow, p.pw, p.dw, s, p.sw, p.width, iw)) continue;
                for (int ci = 0; ci < p.in_per_group; ++ci) {
                    const int c = g * p.in_per_group + ci;
                    const float xv = x[(((int64_t)n * p.in_channels + c) * p.height + ih) * p.width + iw];
                    const float wv = w[(((int64_t)c * p.out_per_group + og) * p.kh + r) * p.kw + s];
                    sum += xv * wv;
                }
            }
        }
        y[index] = sum;
    }
}

torch::Tensor conv_transpose2d_cuda(torch::Tensor x, torch::Tensor w, std::vector<int64_t> out_size,
                                    std::vector<int64_t> stride, std::vector<int64_t> padding,
                                    std::vector<int64_t> dilation, int64_t groups) {
    ConvParams p;
    p.batch = x.size(0); p.in_channels = x.size(1); p.height = x.size(2); p.width = x.size(3);
    p.in_per_group = p.in_channels / groups; p.out_per_group = w.size(1);
    p.out_channels = p.out_per_group * groups; p.out_height = out_size[0]; p.out_width = out_size[1];
    p.kh = w.size(2); p.kw = w.size(3);
    p.sh = stride[0]; p.sw = stride[1];
    p.ph = padding[0]; p.pw = padding[1];
    p.dh = dilation[0]; p.dw = dilation[1];
    auto y = torch::empty({p.batch, p.out_channels, p.out_height, p.out_width}, x.options());
    const int64_t total = y.numel();
    const int threads = 256;
    const cudaDeviceProp* prop = at::cuda::getCurrentDeviceProperties();
    const int64_t wanted = (total + threads - 1) / threads;
    const int64_t most = (int64_t)prop->multiProcessorCount * 32;
    const int blocks = (int)(wanted < most ? wanted : most);
    conv_transpose2d_kernel<<<blocks, threads, 0, at::cuda::getCurrentCUDAStream()>>>(
        x.data_ptr<float>(), w.data_ptr<float>(), y.data_ptr<float>(), p, total);
    C10_CUDA_KERNEL_LAUNCH_CHECK();
    return y;
}
"""

conv_transpose2d_module = load_inline(
    name="conv_transpose2d_grouped",
    cpp_sources=[cpp_src],
    cuda_sources=[cuda_src],
    functions=["conv_transpose2d"],
)


class ModelNew(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, stride, padding, dilation, groups):
        super().__init__()
        self.conv = nn.ConvTranspose2d(
            in_channels,
            out_channels,
            kernel_size,
            stride=stride,
            padding=padding,
            dilation=dilation,
            groups=groups,
            bias=False,
        )

    def forward(self, x):
        c = self.conv
        return conv_transpose2d_module.conv_transpose2d(
            x, c.weight, list(c.stride), list(c.padding), list(c.dilation), c.groups
        )
