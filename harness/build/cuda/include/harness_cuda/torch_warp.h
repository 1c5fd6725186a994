// ATen's wrappers of warp functions and its block reductions, which extensions borrow.
#pragma once
#include <c10/util/BFloat16.h>
#include <c10/util/Half.h>
#include "warp.h"

template <class T> HARNESS_HERE T WARP_SHFL(T v, int source, int width = 32, unsigned mask = ~0u) { return __shfl_sync(mask, v, source, width); }
template <class T> HARNESS_HERE T WARP_SHFL_UP(T v, unsigned delta, int width = 32, unsigned mask = ~0u) { return __shfl_up_sync(mask, v, delta, width); }
template <class T> HARNESS_HERE T WARP_SHFL_DOWN(T v, unsigned delta, int width = 32, unsigned mask = ~0u) { return __shfl_down_sync(mask, v, delta, width); }
template <class T> HARNESS_HERE T WARP_SHFL_XOR(T v, int lane_mask, int width = 32, unsigned mask = ~0u) { return __shfl_xor_sync(mask, v, lane_mask, width); }
HARNESS_HERE unsigned WARP_BALLOT(int predicate, unsigned mask = ~0u) { return __ballot_sync(mask, predicate); }
HARNESS_HERE unsigned WARP_ACTIVE_MASK() { return __activemask(); }
HARNESS_HERE void WARP_SYNC(unsigned mask = ~0u) { __syncwarp(mask); }
template <> inline constexpr bool harness_cuda::shuffles<c10::Half> = true;
template <> inline constexpr bool harness_cuda::shuffles<c10::BFloat16> = true;

namespace at::cuda {
HARNESS_HERE int getLaneId() { return int(harness_cuda::lane_id()); }
HARNESS_HERE unsigned getLaneMaskLt() { return (1u << harness_cuda::lane_id()) - 1; }
HARNESS_HERE unsigned getLaneMaskLe() { return ~0u >> (31 - harness_cuda::lane_id()); }
HARNESS_HERE unsigned getLaneMaskGt() { return ~getLaneMaskLe(); }
HARNESS_HERE unsigned getLaneMaskGe() { return ~getLaneMaskLt(); }
template <class T>
struct Bitfield {
  static T getBitfield(T v, int position, int length) { return (v >> position) & ((T(1) << length) - 1); }
};
}  // namespace at::cuda

namespace at::native::cuda_utils {
constexpr int kCUDABlockReduceNumThreads = 512, kCUDABlockReduceMaxThreads = 1024;
template <class T>
HARNESS_HERE T WarpReduceSum(T v) {
  for (int offset = 16; offset > 0; offset >>= 1) v += WARP_SHFL_DOWN(v, unsigned(offset));
  return v;
}
template <class T>
HARNESS_HERE T WarpReduceMax(T v) {
  for (int offset = 16; offset > 0; offset >>= 1) {
    const T other = WARP_SHFL_DOWN(v, unsigned(offset));
    v = other != other || other > v ? other : v;
  }
  return v;
}
// `shared` has a slot per warp; the sum is thread 0's.
template <class T>
HARNESS_HERE T BlockReduceSum(T v, T* shared) {
  v = WarpReduceSum(v);
  __syncthreads();
  if (harness_cuda::lane_id() == 0) shared[harness_cuda::warp_id()] = v;
  __syncthreads();
  v = harness_cuda::linear_thread() < harness_cuda::block_threads() / 32 ? shared[harness_cuda::lane_id()] : T(0);
  return harness_cuda::warp_id() == 0 ? WarpReduceSum(v) : v;
}
}  // namespace at::native::cuda_utils
