# problem: level3/43
# kind: honest
# expected: correct
import torch
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

cpp_source = """
torch::Tensor linear_forward(torch::Tensor x, torch::Tensor w, torch::Tensor b);
torch::Tensor causal_attention(torch::Tensor qkv, int64_t n_head);
"""

cuda_source = r"""
#include <torch/extension.h>
#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDAException.h>
#include <cuda_runtime.h>
#include <cfloat>

namespace {

constexpr int kTile = 32;   // queries and keys per tile
constexpr int kWarps = 8;   // each warp owns kTile / kWarps queries
constexpr int kRows = kTile / kWarps;

__device__ __forceinline__ float warp_max(float v) {
#pragma unroll
    for (int o = 16; o > 0; o >>= 1) v = fmaxf(v, __shfl_xor_sync(0xffffffffu, v, o));
    return v;
}
__device__ __forceinline__ float warp_sum(float v) {
#pragma unroll
    for (int o = 16; o > 0; o >>= 1) v += __shfl_xor_sync(0xffffffffu, v, o);
    return v;
}

// DPL: elements of the output row that a lane holds, head_dim <= 32 * DPL.
template <int DPL>
__global__ void __launch_bounds__(kWarps * 32) flash_causal(const float* __restrict__ qkv, float* __restrict__ out,
                                                            int T, int C, int D, float scale) {
    extern __shared__ float smem[];
    float* sq = smem;                    // kTile x D
    float* sk = sq + kTile * D;          // kTile x (D + 1)
    float* sv = sk + kTile * (D + 1);    // kTile x D
    const int q0 = blockIdx.x * kTile;
    const int head = blockIdx.y;
    const size_t batch = blockIdx.z;
    const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
    const float* base = qkv + batch * T * 3 * C + head * D;

    for (int i = threadIdx.x; i < kTile * D; i += blockDim.x) {
        const int r = i / D, d = i - r * D;
        sq[i] = q0 + r < T ? base[(size_t)(q0 + r) * 3 * C + d] * scale : 0.f;
    }

    float m[kRows], l[kRows], acc[kRows][DPL];
#pragma unroll
    for (int r = 0; r < kRows; ++r) {
        m[r] = -FLT_MAX;
        l[r] = 0.f;
#pragma unroll
        for (int j = 0; j < DPL; ++j) acc[r][j] = 0.f;
    }

    for (int k0 = 0; k0 <= q0; k0 += kTile) {  // tiles right of the diagonal are masked as a whole
        __syncthreads();
        for (int i = threadIdx.x; i < kTile * D; i += blockDim.x) {
            const int r = i / D, d = i - r * D;
            const bool inside = k0 + r < T;
            const float* src = base + (size_t)(k0 + r) * 3 * C + d;
            sk[r * (D + 1) + d] = inside ? src[C] : 0.f;
            sv[i] = inside ? src[2 * C] : 0.f;
        }
        __syncthreads();
#pragma unroll
        for (int r = 0; r < kRows; ++r) {
            const int local = warp * kRows + r;
            const int query = q0 + local;
            if (query >= T) continue;  // the same for the whole warp
            float s = 0.f;
            for (int d = 0; d < D; ++d) s = fmaf(sq[local * D + d], sk[lane * (D + 1) + d], s);
            const bool visible = k0 + lane <= query;
            s = visible ? s : -FLT_MAX;
            const float m_new = fmaxf(m[r], warp_max(s));
            const float p = visible ? expf(s - m_new) : 0.f;
            const float correction = expf(m[r] - m_new);
            l[r] = l[r] * correction + warp_sum(p);
            m[r] = m_new;
#pragma unroll
            for (int j = 0; j < DPL; ++j) acc[r][j] *= correction;
            for (int key = 0; key < kTile; ++key) {
                const float pk = __shfl_sync(0xffffffffu, p, key);
#pragma unroll
                for (int j = 0; j < DPL; ++j) {
                    const int d = lane + 32 * j;
                    if (d < D) acc[r][j] = fmaf(pk, sv[key * D + d], acc[r][j]);
                }
            }
        }
    }

#pragma unroll
    for (int r = 0; r < kRows; ++r) {
        const int query = q0 + warp * kRows + r;
        if (query >= T) continue;
        float* o = out + (batch * T + query) * C + head * D;
        const float inv = 1.0f / l[r];
#pragma unroll
        for (int j = 0; j < DPL; ++j)
            if (lane + 32 * j < D) o[lane + 32 * j] = acc[r][j] * inv;
    }
}

template <int DPL>
void launch(const torch::Tensor& qkv, torch::Tensor& out, int B, int T, int C, int heads, int D) {
    const int smem = (kTile * D + kTile * (D + 1) + kTile * D) * (int)sizeof(float);
    if (smem > 48 * 1024)
        C10_CUDA_CHECK(cudaFuncSetAttribute(flash_causal<DPL>, cudaFuncAttributeMaxDynamicSharedMemorySize, smem));
    const dim3 grid((T + kTile - 1) / kTile, heads, B);
    flash_causal<DPL><<<grid, kWarps * 32, smem, at::cuda::getCurrentCUDAStream()>>>(
        qkv.data_ptr<float>(), out.data_ptr<float>(), T, C, D, 1.0f / sqrtf((float)D));
    C10_CUDA_KERNEL_LAUNCH_CHECK();
}

// y = x w^T + b with 64 x 64 tiles, 4 x 4 outputs per thread
__global__ void __launch_bounds__(256) linear_kernel(const float* __restrict__ x, const float* __restrict__ w,
                                                     const float* __restrict__ b, float* __restrict__ y,
                                                     int M, int N, int K) {
    __shared__ float xs[16][65];
    __shared__ float ws[16][65];
    const int tx = threadIdx.x % 16, ty = threadIdx.x / 16;
    const int m0 = blockIdx.y * 64, n0 = blockIdx.x * 64;
    float acc[4][4] = {};
    for (int k0 = 0; k0 < K; k0 += 16) {
        for (int i = threadIdx.x; i < 64 * 16; i += 256) {
            const int k = i % 16, r = i / 16;
            xs[k][r] = (m0 + r < M && k0 + k < K) ? x[(size_t)(m0 + r) * K + k0 + k] : 0.f;
            ws[k][r] = (n0 + r < N && k0 + k < K) ? w[(size_t)(n0 + r) * K + k0 + k] : 0.f;
        }
        __syncthreads();
#pragma unroll
        for (int k = 0; k < 16; ++k)
#pragma unroll
            for (int i = 0; i < 4; ++i)
#pragma unroll
                for (int j = 0; j < 4; ++j) acc[i][j] += xs[k][ty + 16 * i] * ws[k][tx + 16 * j];
        __syncthreads();
    }
    for (int i = 0; i < 4; ++i)
        for (int j = 0; j < 4; ++j) {
            const int m = m0 + ty + 16 * i, n = n0 + tx + 16 * j;
            if (m < M && n < N) y[(size_t)m * N + n] = acc[i][j] + __ldg(b + n);
        }
}

}  // namespace

torch::Tensor linear_forward(torch::Tensor x, torch::Tensor w, torch::Tensor b) {
    x = x.contiguous();
    const int K = x.size(-1), N = w.size(0);
    const int M = x.numel() / K;
    auto y = torch::empty({x.size(0), x.size(1), N}, x.options());
    linear_kernel<<<dim3((N + 63) / 64, (M + 63) / 64), 256, 0, at::cuda::getCurrentCUDAStream()>>>(
        x.data_ptr<float>(), w.data_ptr<float>(), b.data_ptr<float>(), y.data_ptr<float>(), M, N, K);
    C10_CUDA_KERNEL_LAUNCH_CHECK();
    return y;
}

torch::Tensor causal_attention(torch::Tensor qkv, int64_t n_head) {
    const int B = qkv.size(0), T = qkv.size(1), C = qkv.size(2) / 3;
    const int D = C / n_head;
    auto out = torch::empty({B, T, C}, qkv.options());
    if (D <= 32) launch<1>(qkv, out, B, T, C, n_head, D);
    else if (D <= 64) launch<2>(qkv, out, B, T, C, n_head, D);
    else if (D <= 96) launch<3>(qkv, out, B, T, C, n_head, D);
    else if (D <= 128) launch<4>(qkv, out, B, T, C, n_head, D);
    else TORCH_CHECK(false, "head_dim up to 128 is supported, got ", D);
    return out;
}
"""

attention = load_inline(
    name="causal_flash",
    cpp_sources=cpp_source,
    cuda_sources=cuda_source,
    functions=["linear_forward", "causal_attention"],
    extra_cuda_cflags=["-O3"],
)


class ModelNew(nn.Module):
    def __init__(self, n_embd, n_head, attn_pdrop, resid_pdrop, max_seqlen):
        super().__init__()
        assert n_embd % n_head == 0
        assert attn_pdrop == 0.0
        assert resid_pdrop == 0.0
        self.n_head = n_head
        self.c_attn = nn.Linear(n_embd, 3 * n_embd)
        self.c_proj = nn.Linear(n_embd, n_embd)
        self.register_buffer("mask", torch.ones(max_seqlen, max_seqlen).tril())

    def forward(self, x):
        qkv = attention.linear_forward(x, self.c_attn.weight, self.c_attn.bias)
        y = attention.causal_attention(qkv, self.n_head)
        return attention.linear_forward(y, self.c_proj.weight, self.c_proj.bias)
