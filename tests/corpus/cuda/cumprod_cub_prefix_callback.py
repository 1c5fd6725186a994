# problem: level1/90
# kind: honest
# expected: correct
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

cuda_src = r"""
#include <torch/extension.h>
#include <ATen/cuda/CUDAContext.h>
#include <cub/block/block_load.cuh>
#include <cub/block/block_scan.cuh>
#include <cub/block/block_store.cuh>

struct Multiply {
    __host__ __device__ __forceinline__ float operator()(const float& a, const float& b) const { return a * b; }
};

// Carries the product of all earlier segments of the row from one segment to the next.
struct BlockPrefixCallbackOp {
    float running_total;
    __device__ explicit BlockPrefixCallbackOp(float start) : running_total(start) {}
    __device__ float operator()(float block_aggregate) {
        const float old_prefix = running_total;
        running_total = old_prefix * block_aggregate;
        return old_prefix;
    }
};

template <int BLOCK_THREADS, int ITEMS_PER_THREAD>
__global__ void cumprod_kernel(const float* __restrict__ in, float* __restrict__ out, int length) {
    typedef cub::BlockLoad<float, BLOCK_THREADS, ITEMS_PER_THREAD, cub::BLOCK_LOAD_TRANSPOSE> BlockLoadT;
    typedef cub::BlockStore<float, BLOCK_THREADS, ITEMS_PER_THREAD, cub::BLOCK_STORE_TRANSPOSE> BlockStoreT;
    typedef cub::BlockScan<float, BLOCK_THREADS> BlockScanT;
    __shared__ union {
        typename BlockLoadT::TempStorage load;
        typename BlockStoreT::TempStorage store;
        typename BlockScanT::TempStorage scan;
    } temp_storage;

    const float* row_in = in + (size_t)blockIdx.x * length;
    float* row_out = out + (size_t)blockIdx.x * length;
    BlockPrefixCallbackOp prefix_op(1.0f);
    constexpr int TILE = BLOCK_THREADS * ITEMS_PER_THREAD;

    for (int offset = 0; offset < length; offset += TILE) {
        float items[ITEMS_PER_THREAD];
        const int valid = min(TILE, length - offset);
        BlockLoadT(temp_storage.load).Load(row_in + offset, items, valid, 1.0f);
        __syncthreads();
        BlockScanT(temp_storage.scan).InclusiveScan(items, items, Multiply(), prefix_op);
        __syncthreads();
        BlockStoreT(temp_storage.store).Store(row_out + offset, items, valid);
        __syncthreads();
    }
}

at::Tensor cumprod(at::Tensor x) {
    auto xc = x.contiguous();
    auto out = at::empty_like(xc);
    cumprod_kernel<128, 8><<<xc.size(0), 128, 0, at::cuda::getCurrentCUDAStream()>>>(
        xc.data_ptr<float>(), out.data_ptr<float>(), (int)xc.size(1));
    return out;
}
"""

cumprod_ext = load_inline(
    name="cumprod_ext",
    cpp_sources="at::Tensor cumprod(at::Tensor x);",
    cuda_sources=cuda_src,
    functions=["cumprod"],
)


class ModelNew(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.dim = dim

    def forward(self, x):
        assert self.dim == 1
        assert x.dim() == 2
        return cumprod_ext.cumprod(x)
