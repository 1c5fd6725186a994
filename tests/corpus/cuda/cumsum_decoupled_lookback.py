# problem: level1/89
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

// Single-pass scan with decoupled look-back. A tile publishes (flag, value) in one 64-bit word, so that a reader
// never sees a flag without its value. Tiles are handed out by a ticket: a tile's predecessors have always started.
constexpr int THREADS = 256;
constexpr int ITEMS = 8;
constexpr int TILE = THREADS * ITEMS;

constexpr unsigned FLAG_EMPTY = 0;
constexpr unsigned FLAG_AGGREGATE = 1;
constexpr unsigned FLAG_PREFIX = 2;

__device__ __forceinline__ unsigned long long pack(unsigned flag, float value) {
    return (static_cast<unsigned long long>(flag) << 32) | __float_as_uint(value);
}

__global__ void __launch_bounds__(THREADS) scan_kernel(const float* __restrict__ x, float* __restrict__ y,
                                                       unsigned long long* state, unsigned* ticket,
                                                       int length, int tiles_per_row) {
    __shared__ unsigned s_ticket;
    __shared__ float s_warp[THREADS / 32];
    __shared__ float s_exclusive;
    __shared__ float s_items[TILE];

    if (threadIdx.x == 0) s_ticket = atomicAdd(ticket, 1u);
    __syncthreads();
    const unsigned id = s_ticket;
    const int row = id / tiles_per_row;
    const int tile = id % tiles_per_row;
    const int start = tile * TILE;
    const float* in = x + static_cast<size_t>(row) * length;
    float* out = y + static_cast<size_t>(row) * length;

    // striped load, blocked registers
    for (int i = threadIdx.x; i < TILE; i += THREADS) s_items[i] = start + i < length ? in[start + i] : 0.0f;
    __syncthreads();
    float v[ITEMS];
#pragma unroll
    for (int i = 0; i < ITEMS; ++i) v[i] = s_items[threadIdx.x * ITEMS + i];
#pragma unroll
    for (int i = 1; i < ITEMS; ++i) v[i] += v[i - 1];

    const int lane = threadIdx.x & 31, warp = threadIdx.x >> 5;
    float inclusive = v[ITEMS - 1];
#pragma unroll
    for (int d = 1; d < 32; d <<= 1) {
        const float up = __shfl_up_sync(0xffffffffu, inclusive, d);
        if (lane >= d) inclusive += up;
    }
    if (lane == 31) s_warp[warp] = inclusive;
    float before = __shfl_up_sync(0xffffffffu, inclusive, 1);
    if (lane == 0) before = 0.0f;
    __syncthreads();
    float aggregate = 0.0f;
#pragma unroll
    for (int w = 0; w < THREADS / 32; ++w) {
        if (w == warp) before += aggregate;
        aggregate += s_warp[w];
    }

    if (threadIdx.x == 0) {
        unsigned long long* mine = state + static_cast<size_t>(row) * tiles_per_row + tile;
        float exclusive = 0.0f;
        if (tile == 0) {
            atomicExch(mine, pack(FLAG_PREFIX, aggregate));
        } else {
            atomicExch(mine, pack(FLAG_AGGREGATE, aggregate));
            int look = 1;
            while (true) {
                const unsigned long long word = atomicAdd(mine - look, 0ULL);
                const unsigned flag = static_cast<unsigned>(word >> 32);
                if (flag == FLAG_EMPTY) continue;
                exclusive += __uint_as_float(static_cast<unsigned>(word & 0xffffffffULL));
                if (flag == FLAG_PREFIX) break;
                ++look;
            }
            atomicExch(mine, pack(FLAG_PREFIX, exclusive + aggregate));
        }
        s_exclusive = exclusive;
    }
    __syncthreads();
    before += s_exclusive;
#pragma unroll
    for (int i = 0; i < ITEMS; ++i) s_items[threadIdx.x * ITEMS + i] = v[i] + before;
    __syncthreads();
    for (int i = threadIdx.x; i < TILE; i += THREADS)
        if (start + i < length) out[start + i] = s_items[i];
}

torch::Tensor cumsum_rows(torch::Tensor x) {
    TORCH_CHECK(x.dim() == 2, "expected a matrix");
    x = x.contiguous();
    auto y = torch::empty_like(x);
    const int64_t rows = x.size(0);
    const int length = x.size(1);
    const int tiles = (length + TILE - 1) / TILE;
    auto state = torch::zeros({rows * tiles}, x.options().dtype(torch::kInt64));
    auto ticket = torch::zeros({1}, x.options().dtype(torch::kInt32));
    scan_kernel<<<rows * tiles, THREADS, 0, at::cuda::getCurrentCUDAStream()>>>(
        x.data_ptr<float>(), y.data_ptr<float>(),
        reinterpret_cast<unsigned long long*>(state.data_ptr<int64_t>()),
        reinterpret_cast<unsigned*>(ticket.data_ptr<int>()), length, tiles);
    C10_CUDA_KERNEL_LAUNCH_CHECK();
    return y;
}
"""

scan = load_inline(
    name="cumsum_lookback",
    cpp_sources="torch::Tensor cumsum_rows(torch::Tensor x);",
    cuda_sources=cuda_source,
    functions=["cumsum_rows"],
    extra_cuda_cflags=["-O3"],
)


class ModelNew(nn.Module):
    def __init__(self, dim: int):
        super().__init__()
        self.dim = dim

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        last = x.dim() - 1
        if self.dim not in (-1, last):
            return scan.cumsum_rows(x.transpose(self.dim, last)).transpose(self.dim, last)
        return scan.cumsum_rows(x)
