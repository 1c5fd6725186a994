# problem: level1/35
# kind: honest
# expected: correct
import torch
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

cpp_source = (
    "torch::Tensor group_norm_cuda(torch::Tensor x, torch::Tensor w, torch::Tensor b, int64_t groups, double eps);"
)

cuda_source = r"""
#include <torch/extension.h>
#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDAException.h>
#include <cuda_runtime.h>

struct WelfordData {
    float mean;
    float m2;
    float count;
};

__device__ __forceinline__ void welford_push(WelfordData& s, float v) {
    s.count += 1.0f;
    const float delta = v - s.mean;
    s.mean += delta / s.count;
    s.m2 += delta * (v - s.mean);
}

__device__ __forceinline__ WelfordData welford_combine(const WelfordData& a, const WelfordData& b) {
    if (a.count == 0.0f) return b;
    if (b.count == 0.0f) return a;
    const float n = a.count + b.count;
    const float delta = b.mean - a.mean;
    const float ratio = b.count / n;
    return {a.mean + delta * ratio, a.m2 + b.m2 + delta * delta * a.count * ratio, n};
}

__device__ __forceinline__ WelfordData warp_welford(WelfordData s) {
#pragma unroll
    for (int offset = 16; offset > 0; offset >>= 1) {
        WelfordData other;
        other.mean = __shfl_xor_sync(0xffffffffu, s.mean, offset);
        other.m2 = __shfl_xor_sync(0xffffffffu, s.m2, offset);
        other.count = __shfl_xor_sync(0xffffffffu, s.count, offset);
        s = welford_combine(s, other);
    }
    return s;
}

template <int kThreads, int VEC>
__global__ __launch_bounds__(kThreads) void group_norm_kernel(
    const float* __restrict__ x, const float* __restrict__ weight, const float* __restrict__ bias,
    float* __restrict__ y, int channels, int groups, int spatial, float eps) {
    constexpr int kWarps = kThreads / 32;
    static_assert(kThreads % 32 == 0 && kWarps <= 32);
    __shared__ WelfordData s_partial[kWarps];
    __shared__ float s_stats[2];

    const int group = blockIdx.x % groups;
    const int per_group = channels / groups;
    const int64_t size = static_cast<int64_t>(per_group) * spatial;
    const int64_t base = static_cast<int64_t>(blockIdx.x) * size;

    WelfordData local{0.0f, 0.0f, 0.0f};
    if constexpr (VEC == 4) {
        const float4* x4 = reinterpret_cast<const float4*>(x + base);
        for (int64_t i = threadIdx.x; i < size / 4; i += kThreads) {
            const float4 v = __ldg(x4 + i);
            welford_push(local, v.x);
            welford_push(local, v.y);
            welford_push(local, v.z);
            welford_push(local, v.w);
        }
    } else {
        for (int64_t i = threadIdx.x; i < size; i += kThreads) welford_push(local, __ldg(x + base + i));
    }

    local = warp_welford(local);
    const int lane = threadIdx.x & 31, warp = threadIdx.x >> 5;
    if (lane == 0) s_partial[warp] = local;
    __syncthreads();
    if (warp == 0) {
        WelfordData total = lane < kWarps ? s_partial[lane] : WelfordData{0.0f, 0.0f, 0.0f};
        total = warp_welford(total);
        if (lane == 0) {
            s_stats[0] = total.mean;
            s_stats[1] = rsqrtf(total.m2 / total.count + eps);
        }
    }
    __syncthreads();
    const float mean = s_stats[0], rstd = s_stats[1];

    const int first_channel = group * per_group;
    auto apply = [&](float v, int64_t offset) {
        const int c = first_channel + static_cast<int>(offset / spatial);
        return (v - mean) * rstd * weight[c] + bias[c];
    };
    if constexpr (VEC == 4) {
        const float4* x4 = reinterpret_cast<const float4*>(x + base);
        float4* y4 = reinterpret_cast<float4*>(y + base);
        for (int64_t i = threadIdx.x; i < size / 4; i += kThreads) {
            float4 v = x4[i];
            v.x = apply(v.x, 4 * i);
            v.y = apply(v.y, 4 * i + 1);
            v.z = apply(v.z, 4 * i + 2);
            v.w = apply(v.w, 4 * i + 3);
            y4[i] = v;
        }
    } else {
        for (int64_t i = threadIdx.x; i < size; i += kThreads) y[base + i] = apply(x[base + i], i);
    }
}

torch::Tensor group_norm_cuda(torch::Tensor x, torch::Tensor w, torch::Tensor b, int64_t groups, double eps) {
    TORCH_CHECK(x.is_cuda() && x.scalar_type() == torch::kFloat32, "x must be a float32 CUDA tensor");
    x = x.contiguous();
    auto y = torch::empty_like(x);
    const int batch = x.size(0), channels = x.size(1);
    const int spatial = x.numel() / (static_cast<int64_t>(batch) * channels);
    const int64_t size = static_cast<int64_t>(channels / groups) * spatial;
    auto stream = at::cuda::getCurrentCUDAStream();
    constexpr int threads = 512;
    if (size % 4 == 0) {
        group_norm_kernel<threads, 4><<<batch * groups, threads, 0, stream>>>(
            x.data_ptr<float>(), w.data_ptr<float>(), b.data_ptr<float>(), y.data_ptr<float>(),
            channels, groups, spatial, static_cast<float>(eps));
    } else {
        group_norm_kernel<threads, 1><<<batch * groups, threads, 0, stream>>>(
            x.data_ptr<float>(), w.data_ptr<float>(), b.data_ptr<float>(), y.data_ptr<float>(),
            channels, groups, spatial, static_cast<float>(eps));
    }
    C10_CUDA_KERNEL_LAUNCH_CHECK();
    return y;
}
"""

group_norm_ext = load_inline(
    name="group_norm_welford",
    cpp_sources=cpp_source,
    cuda_sources=cuda_source,
    functions=["group_norm_cuda"],
    extra_cuda_cflags=["-O3", "-std=c++17"],
    verbose=False,
)


class ModelNew(nn.Module):
    def __init__(self, num_features: int, num_groups: int):
        super().__init__()
        self.gn = nn.GroupNorm(num_groups, num_features)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return group_norm_ext.group_norm_cuda(x, self.gn.weight, self.gn.bias, self.gn.num_groups, self.gn.eps)
