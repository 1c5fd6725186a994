// Atomic functions of all types and scopes. Blocks run on several OS threads, so they are real atomics at every scope.
#pragma once
#include "bfloat16.h"
#include "core.h"

namespace harness_cuda {
template <size_t Bytes> struct WordOf;
template <> struct WordOf<1> { using type = uint8_t; };
template <> struct WordOf<2> { using type = uint16_t; };
template <> struct WordOf<4> { using type = uint32_t; };
template <> struct WordOf<8> { using type = uint64_t; };
template <class T>
using Word = typename WordOf<sizeof(T)>::type;

// Replaces *p by what `op` makes of it and gives the old value.
template <class T, class Op>
HARNESS_HERE T atomic_update(T* p, Op op) {
  atomic_access(p, sizeof(T));
  auto* word = reinterpret_cast<Word<T>*>(p);
  Word<T> old = __atomic_load_n(word, __ATOMIC_RELAXED);
  while (!__atomic_compare_exchange_n(word, &old, bit_cast<Word<T>>(T(op(bit_cast<T>(old)))), true, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
  }
  return bit_cast<T>(old);
}
template <class T>
HARNESS_HERE T atomic_exchange(T* p, T v) {
  atomic_access(p, sizeof(T));
  return bit_cast<T>(__atomic_exchange_n(reinterpret_cast<Word<T>*>(p), bit_cast<Word<T>>(v), __ATOMIC_ACQ_REL));
}
// Compares bits, as the hardware does.
template <class T>
HARNESS_HERE T atomic_compare(T* p, T expected, T v) {
  atomic_access(p, sizeof(T));
  Word<T> old = bit_cast<Word<T>>(expected);
  __atomic_compare_exchange_n(reinterpret_cast<Word<T>*>(p), &old, bit_cast<Word<T>>(v), false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
  return bit_cast<T>(old);
}
template <class T>
HARNESS_HERE T atomic_add(T* p, T v) {
  if constexpr (std::is_integral_v<T>) {
    atomic_access(p, sizeof(T));
    return __atomic_fetch_add(p, v, __ATOMIC_ACQ_REL);
  } else {
    return atomic_update(p, [v](T old) { return T(old + v); });
  }
}
}  // namespace harness_cuda

#define HARNESS_SCOPED(NAME, T, EXPRESSION)                                   \
  HARNESS_HERE T NAME(T* p, T v) { return EXPRESSION; }                             \
  HARNESS_HERE T NAME##_block(T* p, T v) { return NAME(p, v); }                     \
  HARNESS_HERE T NAME##_system(T* p, T v) { return NAME(p, v); }
#define HARNESS_UPDATE(NAME, T, EXPRESSION) \
  HARNESS_SCOPED(NAME, T, harness_cuda::atomic_update(p, [v](T old) { return EXPRESSION; }))
HARNESS_SCOPED(atomicAdd, int, harness_cuda::atomic_add(p, v))
HARNESS_SCOPED(atomicAdd, unsigned, harness_cuda::atomic_add(p, v))
HARNESS_SCOPED(atomicAdd, unsigned long long, harness_cuda::atomic_add(p, v))
HARNESS_SCOPED(atomicAdd, float, harness_cuda::atomic_add(p, v))
HARNESS_SCOPED(atomicAdd, double, harness_cuda::atomic_add(p, v))
HARNESS_SCOPED(atomicAdd, __half, harness_cuda::atomic_add(p, v))
HARNESS_SCOPED(atomicAdd, __nv_bfloat16, harness_cuda::atomic_add(p, v))
// Pairs and vectors are atomic element by element, and no more than that.
HARNESS_SCOPED(atomicAdd, __half2, __half2(atomicAdd(&p->x, v.x), atomicAdd(&p->y, v.y)))
HARNESS_SCOPED(atomicAdd, __nv_bfloat162, __nv_bfloat162(atomicAdd(&p->x, v.x), atomicAdd(&p->y, v.y)))
HARNESS_SCOPED(atomicAdd, float2, (float2{atomicAdd(&p->x, v.x), atomicAdd(&p->y, v.y)}))
HARNESS_SCOPED(atomicAdd, float4, (float4{atomicAdd(&p->x, v.x), atomicAdd(&p->y, v.y), atomicAdd(&p->z, v.z), atomicAdd(&p->w, v.w)}))
HARNESS_SCOPED(atomicSub, int, harness_cuda::atomic_add(p, int(0u - unsigned(v))))
HARNESS_SCOPED(atomicSub, unsigned, harness_cuda::atomic_add(p, 0u - v))
HARNESS_SCOPED(atomicExch, int, harness_cuda::atomic_exchange(p, v))
HARNESS_SCOPED(atomicExch, unsigned, harness_cuda::atomic_exchange(p, v))
HARNESS_SCOPED(atomicExch, unsigned long long, harness_cuda::atomic_exchange(p, v))
HARNESS_SCOPED(atomicExch, float, harness_cuda::atomic_exchange(p, v))
HARNESS_UPDATE(atomicMin, int, v < old ? v : old)
HARNESS_UPDATE(atomicMin, unsigned, v < old ? v : old)
HARNESS_UPDATE(atomicMin, long long, v < old ? v : old)
HARNESS_UPDATE(atomicMin, unsigned long long, v < old ? v : old)
HARNESS_UPDATE(atomicMax, int, v > old ? v : old)
HARNESS_UPDATE(atomicMax, unsigned, v > old ? v : old)
HARNESS_UPDATE(atomicMax, long long, v > old ? v : old)
HARNESS_UPDATE(atomicMax, unsigned long long, v > old ? v : old)
HARNESS_UPDATE(atomicAnd, int, old & v)
HARNESS_UPDATE(atomicAnd, unsigned, old & v)
HARNESS_UPDATE(atomicAnd, unsigned long long, old & v)
HARNESS_UPDATE(atomicOr, int, old | v)
HARNESS_UPDATE(atomicOr, unsigned, old | v)
HARNESS_UPDATE(atomicOr, unsigned long long, old | v)
HARNESS_UPDATE(atomicXor, int, old ^ v)
HARNESS_UPDATE(atomicXor, unsigned, old ^ v)
HARNESS_UPDATE(atomicXor, unsigned long long, old ^ v)
HARNESS_UPDATE(atomicInc, unsigned, old >= v ? 0u : old + 1)
HARNESS_UPDATE(atomicDec, unsigned, old == 0 || old > v ? v : old - 1)
#undef HARNESS_UPDATE
#undef HARNESS_SCOPED

#define HARNESS_CAS(T)                                                                                              \
  HARNESS_HERE T atomicCAS(T* p, T expected, T v) { return harness_cuda::atomic_compare(p, expected, v); }                \
  HARNESS_HERE T atomicCAS_block(T* p, T expected, T v) { return harness_cuda::atomic_compare(p, expected, v); }          \
  HARNESS_HERE T atomicCAS_system(T* p, T expected, T v) { return harness_cuda::atomic_compare(p, expected, v); }
HARNESS_CAS(int)
HARNESS_CAS(unsigned)
HARNESS_CAS(unsigned long long)
HARNESS_CAS(unsigned short)
#undef HARNESS_CAS

HARNESS_HERE void __threadfence() { harness_cuda::fence(); }
HARNESS_HERE void __threadfence_block() { harness_cuda::fence(); }
HARNESS_HERE void __threadfence_system() { harness_cuda::fence(); }
