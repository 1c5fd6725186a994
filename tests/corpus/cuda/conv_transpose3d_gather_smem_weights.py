# problem: level1/61
# kind: honest
# expected: correct
import torch
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

cuda_source = r"""
#include <torch/extension.h>
#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDAException.h>
#include <cuda_runtime.h>

// Gather form: one thread per output voxel of one output channel, the channel's filters are in shared memory.
// KT > 0 fixes the filter size at compile time so that the three inner loops unroll; KT == 0 takes it from `k_rt`.
template <int KT>
__global__ void __launch_bounds__(256) conv_transpose3d_kernel(
    const float* __restrict__ x, const float* __restrict__ w, float* __restrict__ y,
    int Cin, int Cout, int D, int H, int W, int OD, int OH, int OW, int k_rt) {
    extern __shared__ float sw[];
    const int K = KT > 0 ? KT : k_rt;
    const int K3 = K * K * K;
    const int o = blockIdx.y;
    const int b = blockIdx.z;
    for (int i = threadIdx.x; i < Cin * K3; i += blockDim.x) {
        const int c = i / K3;
        sw[i] = w[((size_t)c * Cout + o) * K3 + (i - c * K3)];
    }
    __syncthreads();

    const int voxels = OD * OH * OW;
    const int idx = blockIdx.x * blockDim.x + threadIdx.x;
    if (idx >= voxels) return;
    const int ow = idx % OW;
    const int oh = (idx / OW) % OH;
    const int od = idx / (OW * OH);

    float acc = 0.0f;
    const float* xb = x + (size_t)b * Cin * D * H * W;
    for (int c = 0; c < Cin; ++c) {
        const float* xc = xb + (size_t)c * D * H * W;
        const float* wc = sw + c * K3;
        #pragma unroll
        for (int p = 0; p < K; ++p) {
            const int id = od - p;
            if (id < 0 || id >= D) continue;
            #pragma unroll
            for (int q = 0; q < K; ++q) {
                const int ih = oh - q;
                if (ih < 0 || ih >= H) continue;
                const float* row = xc + ((size_t)id * H + ih) * W;
                #pragma unroll
                for (int r = 0; r < K; ++r) {
                    const int iw = ow - r;
                    if ((unsigned)iw < (unsigned)W) acc = fmaf(__ldg(row + iw), wc[(p * K + q) * K + r], acc);
                }
            }
        }
    }
    y[((size_t)b * Cout + o) * voxels + idx] = acc;
}

torch::Tensor conv_transpose3d_forward(torch::Tensor x, torch::Tensor w) {
    TORCH_CHECK(x.dim() == 5 && w.dim() == 5, "expected NCDHW input and IODHW weight");
    x = x.contiguous();
    w = w.contiguous();
    const int B = x.size(0), Cin = x.size(1), D = x.size(2), H = x.size(3), W = x.size(4);
    const int Cout = w.size(1), K = w.size(2);
    const int OD = D + K - 1, OH = H + K - 1, OW = W + K - 1;
    auto y = torch::empty({B, Cout, OD, OH, OW}, x.options());
    const size_t smem = (size_t)Cin * K * K * K * sizeof(float);
    TORCH_CHECK(smem <= 48 * 1024, "too many input channels for the shared filter bank");
    const dim3 grid((OD * OH * OW + 255) / 256, Cout, B);
    auto stream = at::cuda::getCurrentCUDAStream();
    switch (K) {
        case 3:
            conv_transpose3d_kernel<3><<<grid, 256, smem, stream>>>(
                x.data_ptr<float>(), w.data_ptr<float>(), y.data_ptr<float>(), Cin, Cout, D, H, W, OD, OH, OW, K);
            break;
        default:
            conv_transpose3d_kernel<0><<<grid, 256, smem, stream>>>(
                x.data_ptr<float>(), w.data_ptr<float>(), y.data_ptr<float>(), Cin, Cout, D, H, W, OD, OH, OW, K);
    }
    C10_CUDA_KERNEL_LAUNCH_CHECK();
    return y;
}
"""

conv_transpose3d_ext = load_inline(
    name="conv_transpose3d_gather",
    cpp_sources="torch::Tensor conv_transpose3d_forward(torch::Tensor x, torch::Tensor w);",
    cuda_sources=cuda_source,
    functions=["conv_transpose3d_forward"],
    verbose=True,
)


class ModelNew(nn.Module):
    def __init__(self, in_channels: int, out_channels: int, kernel_size: int) -> None:
        super().__init__()
        self.conv = nn.ConvTranspose3d(in_channels, out_channels, kernel_size, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return conv_transpose3d_ext.conv_transpose3d_forward(x, self.conv.weight)
