// Wrong uses of features, each found at its line by test_features_checked.py.
#include <cooperative_groups.h>
#include <cooperative_groups/memcpy_async.h>
#include <cub/cub.cuh>
#include "harness_cuda/ptx.h"
namespace cg = cooperative_groups;

__global__ void k_beyond_ldg(const float* x, float* out) {
  out[threadIdx.x] = __ldg(x + threadIdx.x + 32);  // MISTAKE beyond_ldg
}
EXPORT void beyond_ldg(const float* x, float* out) { LAUNCH(1, 64, k_beyond_ldg(x, out)); }

__global__ void k_beyond_atomic(const float*, float* out) {
  atomicAdd(out + 64 + threadIdx.x, 1.0f);  // MISTAKE beyond_atomic
}
EXPORT void beyond_atomic(const float* x, float* out) { LAUNCH(1, 4, k_beyond_atomic(x, out)); }

__global__ void k_beyond_ptx(const float* x, float* out) {
  float v;
  HARNESS_PTX("ld.global.nc.f32 %0, [%1];", ::harness_cuda::ptx_out("=f", v), ::harness_cuda::ptx_in("l", x + 64 + threadIdx.x));  // MISTAKE beyond_ptx
  out[threadIdx.x] = v;
}
EXPORT void beyond_ptx(const float* x, float* out) { LAUNCH(1, 4, k_beyond_ptx(x, out)); }

__global__ void k_reused_storage(const float* x, float* out) {
  using Reduce = cub::BlockReduce<float, 64>;
  auto& storage = SHARED(typename Reduce::TempStorage, 1);
  const float first = Reduce(storage).Sum(x[threadIdx.x]);
  const float second = Reduce(storage).Sum(2 * x[threadIdx.x]);  // MISTAKE reused_storage
  if (threadIdx.x == 0) out[0] = first + second;
}
EXPORT void reused_storage(const float* x, float* out) { LAUNCH(1, 64, k_reused_storage(x, out)); }

__global__ void k_no_wait(const float* x, float* out) {
  float (&tile)[64] = SHARED(float[64], 2);
  cg::memcpy_async(cg::this_thread_block(), tile, x, sizeof tile);
  out[threadIdx.x] = tile[63 - threadIdx.x];  // MISTAKE no_wait
}
EXPORT void no_wait(const float* x, float* out) { LAUNCH(1, 64, k_no_wait(x, out)); }
