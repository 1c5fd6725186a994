# problem: level3/39
# kind: honest
# expected: correct
import torch
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

cpp_source = r"""
#include <torch/extension.h>
#include <vector>

void input_gates(torch::Tensor x, torch::Tensor w, torch::Tensor b, torch::Tensor gates);
void recurrence(torch::Tensor gates, torch::Tensor w, torch::Tensor b, torch::Tensor h0, torch::Tensor y);

// weights: w_ih, w_hh, b_ih, b_hh for every layer, as in nn.GRU._flat_weights
torch::Tensor gru_forward(torch::Tensor x, torch::Tensor h0, std::vector<torch::Tensor> weights) {
    x = x.contiguous();
    h0 = h0.contiguous();
    const int64_t T = x.size(0), B = x.size(1), H = h0.size(2);
    auto gates = torch::empty({T, B, 3 * H}, x.options());
    torch::Tensor y;
    for (size_t layer = 0; layer < weights.size() / 4; ++layer) {
        y = torch::empty({T, B, H}, x.options());
        input_gates(x, weights[4 * layer].contiguous(), weights[4 * layer + 2].contiguous(), gates);
        recurrence(gates, weights[4 * layer + 1].contiguous(), weights[4 * layer + 3].contiguous(), h0[layer], y);
        x = y;
    }
    return y;
}
"""

cuda_source = r"""
#include <torch/extension.h>
#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDAException.h>
#include <cuda_runtime.h>

#define TS 32

// gates[m, n] = sum_k x[m, k] w[n, k] + b[n]; a block of 32 x 8 threads does 32 x 32, four rows per thread
__global__ void input_gates_kernel(const float* __restrict__ x, const float* __restrict__ w,
                                   const float* __restrict__ b, float* __restrict__ out, int M, int N, int K) {
    __shared__ float xs[TS][TS + 1];
    __shared__ float ws[TS][TS + 1];
    const int m0 = blockIdx.y * TS, n0 = blockIdx.x * TS;
    float acc[4] = {0.f, 0.f, 0.f, 0.f};
    for (int k0 = 0; k0 < K; k0 += TS) {
        const int k = k0 + threadIdx.x;
        #pragma unroll
        for (int i = 0; i < 4; ++i) {
            const int r = threadIdx.y + 8 * i;
            xs[r][threadIdx.x] = (m0 + r < M && k < K) ? x[(size_t)(m0 + r) * K + k] : 0.f;
            ws[r][threadIdx.x] = (n0 + r < N && k < K) ? w[(size_t)(n0 + r) * K + k] : 0.f;
        }
        __syncthreads();
        #pragma unroll
        for (int kk = 0; kk < TS; ++kk) {
            const float wv = ws[threadIdx.x][kk];
            #pragma unroll
            for (int i = 0; i < 4; ++i) acc[i] = fmaf(xs[threadIdx.y + 8 * i][kk], wv, acc[i]);
        }
        __syncthreads();
    }
    const int n = n0 + threadIdx.x;
    if (n >= N) return;
    for (int i = 0; i < 4; ++i) {
        const int m = m0 + threadIdx.y + 8 * i;
        if (m < M) out[(size_t)m * N + n] = acc[i] + b[n];
    }
}

__device__ __forceinline__ float sigmoidf(float v) { return 1.0f / (1.0f + expf(-v)); }

// One time step: a warp computes the three recurrent dot products of one hidden unit of one sequence.
__global__ void __launch_bounds__(128) gru_step(const float* __restrict__ gates, const float* __restrict__ w,
                                                const float* __restrict__ b, const float* __restrict__ h_prev,
                                                float* __restrict__ h_next, int B, int H) {
    const int lane = threadIdx.x & 31;
    const int unit = blockIdx.x * (blockDim.x >> 5) + (threadIdx.x >> 5);
    const int batch = blockIdx.y;
    if (unit >= H) return;
    const float* h = h_prev + (size_t)batch * H;
    const float* wr = w + (size_t)unit * H;
    const float* wz = w + (size_t)(H + unit) * H;
    const float* wn = w + (size_t)(2 * H + unit) * H;
    float r = 0.f, z = 0.f, n = 0.f;
    for (int k = lane; k < H; k += 32) {
        const float hk = h[k];
        r = fmaf(__ldg(wr + k), hk, r);
        z = fmaf(__ldg(wz + k), hk, z);
        n = fmaf(__ldg(wn + k), hk, n);
    }
    for (int o = 16; o > 0; o >>= 1) {
        r += __shfl_down_sync(0xffffffff, r, o);
        z += __shfl_down_sync(0xffffffff, z, o);
        n += __shfl_down_sync(0xffffffff, n, o);
    }
    if (lane == 0) {
        const float* g = gates + (size_t)batch * 3 * H;
        r = sigmoidf(g[unit] + r + b[unit]);
        z = sigmoidf(g[H + unit] + z + b[H + unit]);
        n = tanhf(g[2 * H + unit] + r * (n + b[2 * H + unit]));
        h_next[(size_t)batch * H + unit] = (1.0f - z) * n + z * h[unit];
    }
}

void input_gates(torch::Tensor x, torch::Tensor w, torch::Tensor b, torch::Tensor gates) {
    const int K = x.size(-1), N = w.size(0);
    const int M = x.numel() / K;
    const dim3 grid((N + TS - 1) / TS, (M + TS - 1) / TS);
    input_gates_kernel<<<grid, dim3(TS, 8), 0, at::cuda::getCurrentCUDAStream()>>>(
        x.data_ptr<float>(), w.data_ptr<float>(), b.data_ptr<float>(), gates.data_ptr<float>(), M, N, K);
    C10_CUDA_KERNEL_LAUNCH_CHECK();
}

void recurrence(torch::Tensor gates, torch::Tensor w, torch::Tensor b, torch::Tensor h0, torch::Tensor y) {
    const int T = y.size(0), B = y.size(1), H = y.size(2);
    const dim3 grid((H + 3) / 4, B);
    auto stream = at::cuda::getCurrentCUDAStream();
    const float* h = h0.data_ptr<float>();
    for (int t = 0; t < T; ++t) {
        float* next = y.data_ptr<float>() + (size_t)t * B * H;
        gru_step<<<grid, 128, 0, stream>>>(gates.data_ptr<float>() + (size_t)t * B * 3 * H, w.data_ptr<float>(),
                                           b.data_ptr<float>(), h, next, B, H);
        h = next;
    }
    C10_CUDA_KERNEL_LAUNCH_CHECK();
}
"""

gru_ext = load_inline(
    name="gru_steps",
    cpp_sources=[cpp_source],
    cuda_sources=[cuda_source],
    functions=["gru_forward"],
    extra_cflags=["-O3"],
    extra_cuda_cflags=["-O3"],
)


class ModelNew(nn.Module):
    def __init__(self, input_size: int, hidden_size: int, num_layers: int):
        super().__init__()
        self.gru = nn.GRU(input_size, hidden_size, num_layers)

    def forward(self, x: torch.Tensor, h0: torch.Tensor) -> torch.Tensor:
        weights = []
        for layer in self.gru.all_weights:
            weights.extend(layer)
        return gru_ext.gru_forward(x, h0, weights)
