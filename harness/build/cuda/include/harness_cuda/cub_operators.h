// CUB's function objects, pairs, iterators, and the order in which its radix sorts see keys.
#pragma once
#include <iterator>
#include <limits>
#include "bfloat16.h"
#include "host_types.h"
#include "memory.h"

namespace cub {
struct NullType {};
struct Sum { template <class A, class B> auto operator()(const A& a, const B& b) const { return a + b; } };
struct Difference { template <class A, class B> auto operator()(const A& a, const B& b) const { return a - b; } };
struct Max { template <class T> T operator()(const T& a, const T& b) const { return a < b ? b : a; } };
struct Min { template <class T> T operator()(const T& a, const T& b) const { return b < a ? b : a; } };
struct Equality { template <class A, class B> bool operator()(const A& a, const B& b) const { return a == b; } };
struct Inequality { template <class A, class B> bool operator()(const A& a, const B& b) const { return a != b; } };
template <class K, class V>
struct KeyValuePair {
  using Key = K;
  using Value = V;
  K key;
  V value;
  KeyValuePair() = default;
  KeyValuePair(const K& k, const V& v) : key(k), value(v) {}
  bool operator!=(const KeyValuePair& o) const { return key != o.key || value != o.value; }
};
// Of equal values, the one with the lower index.
struct ArgMax {
  template <class K, class V>
  KeyValuePair<K, V> operator()(const KeyValuePair<K, V>& a, const KeyValuePair<K, V>& b) const {
    return b.value > a.value || (a.value == b.value && b.key < a.key) ? b : a;
  }
};
struct ArgMin {
  template <class K, class V>
  KeyValuePair<K, V> operator()(const KeyValuePair<K, V>& a, const KeyValuePair<K, V>& b) const {
    return b.value < a.value || (a.value == b.value && b.key < a.key) ? b : a;
  }
};
template <class T> struct CastOp { template <class A> T operator()(const A& a) const { return T(a); } };

template <class T>
struct DoubleBuffer {
  T* d_buffers[2];
  int selector = 0;
  DoubleBuffer() : d_buffers{nullptr, nullptr} {}
  DoubleBuffer(T* current, T* alternate) : d_buffers{current, alternate} {}
  T* Current() { return d_buffers[selector]; }
  T* Alternate() { return d_buffers[selector ^ 1]; }
};

// An iterator that computes what it gives.
template <class T, class F, class Offset = ptrdiff_t>
struct ComputedIterator {
  using iterator_category = std::random_access_iterator_tag;
  using value_type = T;
  using difference_type = Offset;
  using pointer = void;
  using reference = T;
  F function;
  Offset at = 0;
  T operator*() const { return function(at); }
  T operator[](Offset i) const { return function(at + i); }
  ComputedIterator operator+(Offset i) const { return {function, Offset(at + i)}; }
  ComputedIterator& operator+=(Offset i) { return at += i, *this; }
  ComputedIterator& operator++() { return ++at, *this; }
  Offset operator-(const ComputedIterator& o) const { return at - o.at; }
  bool operator==(const ComputedIterator& o) const { return at == o.at; }
};
namespace detail {
template <class T> struct Count { T first; template <class I> T operator()(I i) const { return T(first + T(i)); } };
template <class T> struct Always { T value; template <class I> T operator()(I) const { return value; } };
template <class T, class Op, class It> struct Through { It it; Op op; template <class I> T operator()(I i) const { return op(it[i]); } };
}  // namespace detail
template <class T, class Offset = ptrdiff_t>
struct CountingInputIterator : ComputedIterator<T, detail::Count<T>, Offset> {
  explicit CountingInputIterator(T first) : ComputedIterator<T, detail::Count<T>, Offset>{{first}} {}
};
template <class T, class Offset = ptrdiff_t>
struct ConstantInputIterator : ComputedIterator<T, detail::Always<T>, Offset> {
  explicit ConstantInputIterator(T value) : ComputedIterator<T, detail::Always<T>, Offset>{{value}} {}
};
template <class T, class Op, class It, class Offset = ptrdiff_t>
struct TransformInputIterator : ComputedIterator<T, detail::Through<T, Op, It>, Offset> {
  TransformInputIterator(It it, Op op) : ComputedIterator<T, detail::Through<T, Op, It>, Offset>{{it, op}} {}
};

enum CacheLoadModifier { LOAD_DEFAULT, LOAD_CA, LOAD_CG, LOAD_CS, LOAD_CV, LOAD_LDG, LOAD_VOLATILE };
enum CacheStoreModifier { STORE_DEFAULT, STORE_WB, STORE_CG, STORE_CS, STORE_WT, STORE_VOLATILE };
template <CacheLoadModifier Modifier = LOAD_DEFAULT, class It> inline auto ThreadLoad(It it) { return *it; }
template <CacheStoreModifier Modifier = STORE_DEFAULT, class It, class T> inline void ThreadStore(It it, T v) { *it = v; }
inline unsigned LaneId() { return harness_cuda::lane_id(); }
inline unsigned WarpId() { return harness_cuda::warp_id(); }

namespace detail {
// Unsigned integers in the order of the keys: floats by sign and magnitude, -0 before +0.
template <class T>
inline uint64_t radix(const T& key) {
  constexpr unsigned width = 8 * sizeof(T);
  uint64_t bits = 0;
  __builtin_memcpy(&bits, &key, sizeof key);
  const uint64_t sign = uint64_t(1) << (width - 1), all = sign | (sign - 1);
  if constexpr (std::is_integral_v<T>) return std::is_signed_v<T> ? bits ^ sign : bits;
  else return bits & sign ? ~bits & all : bits | sign;
}
template <class T>
inline uint64_t radix(const T& key, int begin_bit, int end_bit) {
  const int width = end_bit - begin_bit;
  const uint64_t bits = radix(key) >> begin_bit;
  return width >= 64 ? bits : bits & ((uint64_t(1) << width) - 1);
}
}  // namespace detail
}  // namespace cub

#define CubDebug(e) static_cast<cudaError_t>(e)
#define CubDebugExit(e) static_cast<void>(e)
