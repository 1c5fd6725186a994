// ATen/cuda/Atomic.cuh and fastAtomicAdd: atomics on torch's scalar types.
#pragma once
#include <c10/util/BFloat16.h>
#include <c10/util/Half.h>
#include "atomics.h"

#define HARNESS_ATOMIC(NAME, T, EXPRESSION) \
  HARNESS_HERE T NAME(T* p, T v) { return harness_cuda::atomic_update(p, [v](T old) { return T(EXPRESSION); }); }
#define HARNESS_EACH(X, EXPRESSION, NAME)                                                            \
  X(NAME, float, EXPRESSION) X(NAME, double, EXPRESSION) X(NAME, int, EXPRESSION) X(NAME, int64_t, EXPRESSION) \
  X(NAME, uint8_t, EXPRESSION) X(NAME, int8_t, EXPRESSION) X(NAME, int16_t, EXPRESSION)                \
  X(NAME, at::Half, EXPRESSION) X(NAME, at::BFloat16, EXPRESSION)
HARNESS_EACH(HARNESS_ATOMIC, old + v, gpuAtomicAdd)
HARNESS_EACH(HARNESS_ATOMIC, old * v, gpuAtomicMul)
HARNESS_EACH(HARNESS_ATOMIC, v != v || old < v ? v : old, gpuAtomicMax)
HARNESS_EACH(HARNESS_ATOMIC, v != v || v < old ? v : old, gpuAtomicMin)
HARNESS_ATOMIC(gpuAtomicAdd, bool, old || v)
HARNESS_ATOMIC(atomicAdd, int64_t, old + v)
HARNESS_ATOMIC(atomicAdd, uint8_t, old + v)
HARNESS_ATOMIC(atomicAdd, int8_t, old + v)
HARNESS_ATOMIC(atomicAdd, int16_t, old + v)
HARNESS_ATOMIC(atomicAdd, at::Half, old + v)
HARNESS_ATOMIC(atomicAdd, at::BFloat16, old + v)
HARNESS_ATOMIC(atomicAdd, bool, old || v)
#undef HARNESS_EACH
#undef HARNESS_ATOMIC
template <class T> HARNESS_HERE void gpuAtomicAddNoReturn(T* p, std::type_identity_t<T> v) { gpuAtomicAdd(p, v); }

namespace at::native {
template <class T, class Index>
HARNESS_HERE void fastAtomicAdd(T* base, Index index, const Index, T v, bool = false) {
  gpuAtomicAdd(base + index, v);
}
template <class T, class Index>
HARNESS_HERE void fastSpecializedAtomicAdd(T* base, Index index, const Index, T v) {
  gpuAtomicAdd(base + index, v);
}
}  // namespace at::native
