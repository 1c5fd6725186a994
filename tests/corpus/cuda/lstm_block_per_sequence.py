# problem: level3/35
# kind: honest
# expected: correct
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

cuda_source = r"""
#include <torch/extension.h>
#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDAException.h>
#include <cuda_runtime.h>

// Y = X @ Wt + bias (+ bias2), Wt stored (K, N). 16 x 16 tiles.
template <bool kTwoBiases>
__global__ void linear_kernel(const float* __restrict__ X, int64_t ldx, const float* __restrict__ Wt,
                              const float* __restrict__ bias, const float* __restrict__ bias2,
                              float* __restrict__ Y, int M, int N, int K) {
    __shared__ float xs[16][17];
    __shared__ float ws[16][17];
    const int tx = threadIdx.x, ty = threadIdx.y;
    const int row = blockIdx.y * 16 + ty, col = blockIdx.x * 16 + tx;
    float acc = 0.f;
    for (int k0 = 0; k0 < K; k0 += 16) {
        xs[ty][tx] = (row < M && k0 + tx < K) ? X[row * ldx + k0 + tx] : 0.f;
        ws[ty][tx] = (k0 + ty < K && col < N) ? Wt[(size_t)(k0 + ty) * N + col] : 0.f;
        __syncthreads();
#pragma unroll
        for (int k = 0; k < 16; ++k) acc += xs[ty][k] * ws[k][tx];
        __syncthreads();
    }
    if (row < M && col < N) {
        acc += bias[col];
        if constexpr (kTwoBiases) acc += bias2[col];
        Y[(size_t)row * N + col] = acc;
    }
}

__device__ __forceinline__ float sigmoid_(float x) { return 1.f / (1.f + __expf(-x)); }

// The whole sequence of one layer stays within one block: hidden and cell state never leave shared memory.
// Wt is (H, 4H), so that neighbouring threads (gates) read neighbouring weights.
__global__ void lstm_layer(const float* __restrict__ gx, const float* __restrict__ Wt, float* __restrict__ out,
                           int T, int H) {
    extern __shared__ float smem[];
    float* h = smem;
    float* c = h + H;
    float* gates = c + H;
    const int G = 4 * H;
    const size_t seq = blockIdx.x;

    for (int j = threadIdx.x; j < H; j += blockDim.x) {
        h[j] = 0.f;
        c[j] = 0.f;
    }
    __syncthreads();
    for (int t = 0; t < T; ++t) {
        const float* g = gx + (seq * T + t) * G;
        for (int j = threadIdx.x; j < G; j += blockDim.x) {
            float acc0 = g[j], acc1 = 0.f;
            int k = 0;
            for (; k + 1 < H; k += 2) {
                acc0 = fmaf(h[k], __ldg(Wt + (size_t)k * G + j), acc0);
                acc1 = fmaf(h[k + 1], __ldg(Wt + (size_t)(k + 1) * G + j), acc1);
            }
            if (k < H) acc0 = fmaf(h[k], __ldg(Wt + (size_t)k * G + j), acc0);
            const float v = acc0 + acc1;
            gates[j] = (j >= 2 * H && j < 3 * H) ? tanhf(v) : sigmoid_(v);
        }
        __syncthreads();
        for (int j = threadIdx.x; j < H; j += blockDim.x) {
            const float i = gates[j], f = gates[H + j], gg = gates[2 * H + j], o = gates[3 * H + j];
            const float cn = f * c[j] + i * gg;
            const float hn = o * tanhf(cn);
            c[j] = cn;
            h[j] = hn;
            out[(seq * T + t) * H + j] = hn;
        }
        __syncthreads();
    }
}

torch::Tensor lstm_forward(torch::Tensor x, std::vector<torch::Tensor> params, torch::Tensor fc_w, torch::Tensor fc_b) {
    x = x.contiguous();
    const int B = x.size(0), T = x.size(1);
    const int H = params[1].size(1);
    auto stream = at::cuda::getCurrentCUDAStream();
    const dim3 tile(16, 16);
    auto gx = torch::empty({B, T, 4 * H}, x.options());
    const int threads = 4 * H >= 512 ? 512 : ((4 * H + 31) / 32) * 32;
    const size_t smem = 6 * (size_t)H * sizeof(float);

    for (size_t l = 0; l + 3 < params.size(); l += 4) {
        const int I = x.size(2);
        auto w_ih = params[l].t().contiguous();
        auto w_hh = params[l + 1].t().contiguous();
        const dim3 grid((4 * H + 15) / 16, (B * T + 15) / 16);
        linear_kernel<true><<<grid, tile, 0, stream>>>(
            x.data_ptr<float>(), I, w_ih.data_ptr<float>(), params[l + 2].data_ptr<float>(),
            params[l + 3].data_ptr<float>(), gx.data_ptr<float>(), B * T, 4 * H, I);
        C10_CUDA_KERNEL_LAUNCH_CHECK();
        auto y = torch::empty({B, T, H}, x.options());
        lstm_layer<<<B, threads, smem, stream>>>(gx.data_ptr<float>(), w_hh.data_ptr<float>(), y.data_ptr<float>(), T, H);
        C10_CUDA_KERNEL_LAUNCH_CHECK();
        x = y;
    }

    const int O = fc_w.size(0);
    auto fc_t = fc_w.t().contiguous();
    auto out = torch::empty({B, O}, x.options());
    // rows of the last time step lie T * H apart
    linear_kernel<false><<<dim3((O + 15) / 16, (B + 15) / 16), tile, 0, stream>>>(
        x.data_ptr<float>() + (size_t)(T - 1) * H, (int64_t)T * H, fc_t.data_ptr<float>(), fc_b.data_ptr<float>(),
        nullptr, out.data_ptr<float>(), B, O, H);
    C10_CUDA_KERNEL_LAUNCH_CHECK();
    return out;
}
"""

lstm_ext = load_inline(
    name="lstm_blocks",
    cpp_sources="""
torch::Tensor lstm_forward(torch::Tensor x, std::vector<torch::Tensor> params, torch::Tensor fc_w, torch::Tensor fc_b);
""",
    cuda_sources=cuda_source,
    functions=["lstm_forward"],
    extra_cuda_cflags=["-O3"],
)


class ModelNew(nn.Module):
    def __init__(self, input_size, hidden_size, num_layers, output_size, dropout=0.0):
        super().__init__()
        self.lstm = nn.LSTM(input_size, hidden_size, num_layers, batch_first=True, dropout=dropout)
        self.fc = nn.Linear(hidden_size, output_size)

    def forward(self, x):
        return lstm_ext.lstm_forward(x, list(self.lstm._flat_weights), self.fc.weight, self.fc.bias)
