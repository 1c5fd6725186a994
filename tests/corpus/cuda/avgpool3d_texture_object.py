# problem: level1/46
# kind: honest
# expected: correct
# Textures; where there are none this may be refused by name.
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

src = r"""
#include <torch/extension.h>
#include <cuda_runtime.h>

__global__ void avg_pool3d(cudaTextureObject_t tex, float* y, int total, int D, int H, int W, int OD, int OH, int OW,
                           int K, int S, int P) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= total) return;
    int ow = i % OW, oh = i / OW % OH, od = i / OW / OH % OD, plane = i / OW / OH / OD;
    float s = 0.f;
    for (int a = 0; a < K; ++a)
        for (int b = 0; b < K; ++b)
            for (int c = 0; c < K; ++c) {
                int d = od * S - P + a, h = oh * S - P + b, w = ow * S - P + c;
                if (d >= 0 && d < D && h >= 0 && h < H && w >= 0 && w < W)
                    s += tex1Dfetch<float>(tex, ((plane * D + d) * H + h) * W + w);
            }
    y[i] = s / (K * K * K);
}

torch::Tensor pool(torch::Tensor x, int K, int S, int P) {
    x = x.contiguous();
    int D = x.size(2), H = x.size(3), W = x.size(4);
    int OD = (D + 2 * P - K) / S + 1, OH = (H + 2 * P - K) / S + 1, OW = (W + 2 * P - K) / S + 1;
    auto y = torch::empty({x.size(0), x.size(1), OD, OH, OW}, x.options());
    cudaResourceDesc res = {};
    res.resType = cudaResourceTypeLinear;
    res.res.linear.devPtr = x.data_ptr<float>();
    res.res.linear.desc = cudaCreateChannelDesc<float>();
    res.res.linear.sizeInBytes = x.numel() * sizeof(float);
    cudaTextureDesc desc = {};
    desc.readMode = cudaReadModeElementType;
    cudaTextureObject_t tex = 0;
    cudaCreateTextureObject(&tex, &res, &desc, nullptr);
    int total = y.numel();
    avg_pool3d<<<(total + 255) / 256, 256>>>(tex, y.data_ptr<float>(), total, D, H, W, OD, OH, OW, K, S, P);
    cudaDeviceSynchronize();
    cudaDestroyTextureObject(tex);
    return y;
}
"""

ext = load_inline("pool_tex", "torch::Tensor pool(torch::Tensor x, int K, int S, int P);", src, functions=["pool"])


class ModelNew(nn.Module):
    def __init__(self, kernel_size, stride, padding):
        super().__init__()
        self.args = (kernel_size, stride, padding)

    def forward(self, x):
        return ext.pool(x, *self.args)
