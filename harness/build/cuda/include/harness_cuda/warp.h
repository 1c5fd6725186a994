// Warp shuffles, votes, matches and reductions, and the variants of __syncthreads.
#pragma once
#include "bfloat16.h"
#include "core.h"

namespace harness_cuda {
// What a shuffle moves: scalars of 2, 4 and 8 bytes, and pairs of 16-bit floats. Structs are refused, as by nvcc.
template <class T> inline constexpr bool shuffles = std::is_arithmetic_v<T> && sizeof(T) <= 8;
template <> inline constexpr bool shuffles<__half> = true;
template <> inline constexpr bool shuffles<__half2> = true;
template <> inline constexpr bool shuffles<__nv_bfloat16> = true;
template <> inline constexpr bool shuffles<__nv_bfloat162> = true;
template <class T>
using Shuffled = std::enable_if_t<shuffles<T>, T>;

template <class T>
HARNESS_HERE uint64_t deposit(const T& v) {
  uint64_t slot = 0;
  __builtin_memcpy(&slot, &v, sizeof v);
  return slot;
}
template <class T>
HARNESS_HERE T withdraw(uint64_t slot) {
  T v;
  __builtin_memcpy(&v, &slot, sizeof v);
  return v;
}

// The value of lane `source`, or the own one if the source lies outside the segment. The value of a lane that takes no part is
// undefined on a GPU; here it is all ones (a NaN), and reported by the checks.
template <class T>
HARNESS_HERE T shuffle(uint32_t mask, const T& v, unsigned source, bool inside) {
  uint32_t arrived;
  const uint64_t* slots = exchange(mask, deposit(v), &arrived);
  if (!inside) return v;
  if (arrived >> source & 1) return withdraw<T>(slots[source]);
  absent_lane(mask, source);
  return withdraw<T>(~uint64_t(0));
}
HARNESS_HERE unsigned segment(int width) { return lane_id() & ~unsigned(width - 1); }

// Folds the values of the lanes that came.
template <class T, class Op>
HARNESS_HERE T fold(uint32_t mask, T v, Op op) {
  uint32_t arrived;
  const uint64_t* slots = exchange(mask, deposit(v), &arrived);
  bool first = true;
  T result = v;
  for (unsigned lane = 0; lane < 32; ++lane) {
    if (!(arrived >> lane & 1)) continue;
    result = first ? withdraw<T>(slots[lane]) : op(result, withdraw<T>(slots[lane]));
    first = false;
  }
  return result;
}
HARNESS_HERE uint32_t ballot(uint32_t mask, bool predicate) {
  uint32_t arrived, result = 0;
  const uint64_t* slots = exchange(mask, predicate, &arrived);
  for (unsigned lane = 0; lane < 32; ++lane)
    if (arrived >> lane & 1) result |= uint32_t(slots[lane] & 1) << lane;
  return result;
}
HARNESS_HERE uint32_t matching(uint32_t mask, uint64_t value, uint32_t* arrived) {
  const uint64_t* slots = exchange(mask, value, arrived);
  uint32_t result = 0;
  for (unsigned lane = 0; lane < 32; ++lane)
    if ((*arrived >> lane & 1) && slots[lane] == value) result |= 1u << lane;
  return result;
}
template <class T> inline constexpr bool matches = std::is_arithmetic_v<T> && (sizeof(T) == 4 || sizeof(T) == 8);
}  // namespace harness_cuda

template <class T>
HARNESS_HERE harness_cuda::Shuffled<T> __shfl_sync(unsigned mask, T v, int source, int width = 32) {
  return harness_cuda::shuffle(mask, v, harness_cuda::segment(width) | (unsigned(source) & unsigned(width - 1)), true);
}
template <class T>
HARNESS_HERE harness_cuda::Shuffled<T> __shfl_up_sync(unsigned mask, T v, unsigned delta, int width = 32) {
  const unsigned lane = harness_cuda::lane_id();
  return harness_cuda::shuffle(mask, v, lane - delta, delta <= lane - harness_cuda::segment(width));
}
template <class T>
HARNESS_HERE harness_cuda::Shuffled<T> __shfl_down_sync(unsigned mask, T v, unsigned delta, int width = 32) {
  const unsigned lane = harness_cuda::lane_id(), left = harness_cuda::segment(width) + unsigned(width) - 1 - lane;
  return harness_cuda::shuffle(mask, v, lane + delta, delta <= left);
}
// A source in an earlier segment is read; one in a later segment gives the own value.
template <class T>
HARNESS_HERE harness_cuda::Shuffled<T> __shfl_xor_sync(unsigned mask, T v, int lane_mask, int width = 32) {
  const unsigned source = harness_cuda::lane_id() ^ unsigned(lane_mask);
  return harness_cuda::shuffle(mask, v, source & 31, source < harness_cuda::segment(width) + unsigned(width));
}
// The forms without a mask, which CUDA 9 deprecated: all lanes take part.
template <class T>
HARNESS_HERE harness_cuda::Shuffled<T> __shfl(T v, int source, int width = 32) { return __shfl_sync(~0u, v, source, width); }
template <class T>
HARNESS_HERE harness_cuda::Shuffled<T> __shfl_up(T v, unsigned delta, int width = 32) { return __shfl_up_sync(~0u, v, delta, width); }
template <class T>
HARNESS_HERE harness_cuda::Shuffled<T> __shfl_down(T v, unsigned delta, int width = 32) { return __shfl_down_sync(~0u, v, delta, width); }
template <class T>
HARNESS_HERE harness_cuda::Shuffled<T> __shfl_xor(T v, int lane_mask, int width = 32) { return __shfl_xor_sync(~0u, v, lane_mask, width); }

HARNESS_HERE unsigned __ballot_sync(unsigned mask, int predicate) { return harness_cuda::ballot(mask, predicate != 0); }
HARNESS_HERE int __any_sync(unsigned mask, int predicate) { return harness_cuda::ballot(mask, predicate != 0) != 0; }
HARNESS_HERE int __all_sync(unsigned mask, int predicate) { return harness_cuda::ballot(mask, predicate == 0) == 0; }
HARNESS_HERE int __uni_sync(unsigned mask, int predicate) {
  uint32_t arrived;
  const uint32_t same = harness_cuda::matching(mask, predicate != 0, &arrived);
  return same == arrived;
}
HARNESS_HERE unsigned __ballot(int predicate) { return __ballot_sync(~0u, predicate); }
HARNESS_HERE int __any(int predicate) { return __any_sync(~0u, predicate); }
HARNESS_HERE int __all(int predicate) { return __all_sync(~0u, predicate); }
template <class T>
HARNESS_HERE std::enable_if_t<harness_cuda::matches<T>, unsigned> __match_any_sync(unsigned mask, T v) {
  uint32_t arrived;
  return harness_cuda::matching(mask, harness_cuda::deposit(v), &arrived);
}
template <class T>
HARNESS_HERE std::enable_if_t<harness_cuda::matches<T>, unsigned> __match_all_sync(unsigned mask, T v, int* predicate) {
  uint32_t arrived;
  const uint32_t same = harness_cuda::matching(mask, harness_cuda::deposit(v), &arrived);
  *predicate = same == arrived;
  return *predicate ? arrived : 0;
}
#define HARNESS_REDUCE(NAME, T, EXPRESSION) \
  HARNESS_HERE T __reduce_##NAME##_sync(unsigned mask, T v) { return harness_cuda::fold(mask, v, [](T a, T b) { return T(EXPRESSION); }); }
HARNESS_REDUCE(add, unsigned, a + b)
HARNESS_REDUCE(add, int, unsigned(a) + unsigned(b))
HARNESS_REDUCE(min, unsigned, a < b ? a : b)
HARNESS_REDUCE(min, int, a < b ? a : b)
HARNESS_REDUCE(max, unsigned, a > b ? a : b)
HARNESS_REDUCE(max, int, a > b ? a : b)
HARNESS_REDUCE(and, unsigned, a & b)
HARNESS_REDUCE(or, unsigned, a | b)
HARNESS_REDUCE(xor, unsigned, a ^ b)
#undef HARNESS_REDUCE

HARNESS_HERE unsigned __activemask(int line = __builtin_LINE()) { return harness_cuda::active_mask(line); }
HARNESS_HERE void __syncwarp(unsigned mask = ~0u) { harness_cuda::warp_barrier(mask); }
HARNESS_HERE void __syncthreads(int line = __builtin_LINE()) { harness_cuda::barrier(harness_cuda::Barrier::plain, 0, line); }
HARNESS_HERE int __syncthreads_count(int predicate, int line = __builtin_LINE()) {
  return harness_cuda::barrier(harness_cuda::Barrier::count, predicate, line);
}
HARNESS_HERE int __syncthreads_and(int predicate, int line = __builtin_LINE()) {
  return harness_cuda::barrier(harness_cuda::Barrier::conjunction, predicate, line);
}
HARNESS_HERE int __syncthreads_or(int predicate, int line = __builtin_LINE()) {
  return harness_cuda::barrier(harness_cuda::Barrier::disjunction, predicate, line);
}
