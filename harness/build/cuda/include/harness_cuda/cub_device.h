// CUB's device-wide primitives, as loops on the host. A first call without storage tells its size, as in CUB.
#pragma once
#include <algorithm>
#include <numeric>
#include <vector>
#include "cub_operators.h"

namespace cub {
namespace detail {
inline bool only_size(void* storage, size_t& bytes) {
  if (storage) return false;
  bytes = 256;
  return true;
}
template <class It>
using ValueOf = std::decay_t<decltype(*std::declval<It>())>;
// By halves, so that float sums are as good as a tree's.
template <class T, class It, class Op>
inline T fold(It in, size_t begin, size_t end, Op op) {
  if (end - begin <= 16) {
    T v = T(in[begin]);
    for (size_t i = begin + 1; i < end; ++i) v = op(v, T(in[i]));
    return v;
  }
  const size_t middle = begin + (end - begin) / 2;
  return op(fold<T>(in, begin, middle, op), fold<T>(in, middle, end, op));
}
template <class T, class It, class Op>
inline T fold(It in, size_t begin, size_t end, Op op, T initial) { return begin < end ? T(op(initial, fold<T>(in, begin, end, op))) : initial; }
template <class T> inline T lowest() {
  if constexpr (std::numeric_limits<T>::is_specialized) return std::numeric_limits<T>::has_infinity ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::lowest();
  else return T(-HUGE_VAL);
}
template <class T> inline T highest() {
  if constexpr (std::numeric_limits<T>::is_specialized) return std::numeric_limits<T>::has_infinity ? std::numeric_limits<T>::infinity() : std::numeric_limits<T>::max();
  else return T(HUGE_VAL);
}
template <class T, class In, class Out, class Op>
inline void scan(In in, Out out, size_t n, Op op, bool inclusive, T initial, bool has_initial) {
  T running = initial;
  for (size_t i = 0; i < n; ++i) {
    const T v = in[i];
    const T next = i || has_initial ? T(op(running, v)) : v;
    out[i] = inclusive ? next : running;
    running = next;
  }
}
template <class K, class V>
inline void sort(const K* keys_in, K* keys_out, const V* values_in, V* values_out, size_t n, int begin, int end, bool descending) {
  std::vector<std::pair<uint64_t, size_t>> order(n);
  for (size_t i = 0; i < n; ++i) order[i] = {radix(keys_in[i], begin, end), i};
  std::stable_sort(order.begin(), order.end(), [=](const auto& a, const auto& b) { return descending ? b.first < a.first : a.first < b.first; });
  const std::vector<K> keys(keys_in, keys_in + n);  // in and out may be the same
  for (size_t i = 0; i < n; ++i) keys_out[i] = keys[order[i].second];
  if (!values_in) return;
  const std::vector<V> values(values_in, values_in + n);
  for (size_t i = 0; i < n; ++i) values_out[i] = values[order[i].second];
}
}  // namespace detail

struct DeviceReduce {
  template <class In, class Out, class Op, class T>
  static cudaError_t Reduce(void* storage, size_t& bytes, In in, Out out, size_t n, Op op, T initial, cudaStream_t = nullptr) {
    if (!detail::only_size(storage, bytes)) *out = detail::fold<T>(in, 0, n, op, initial);
    return cudaSuccess;
  }
  template <class In, class Out>
  static cudaError_t Sum(void* storage, size_t& bytes, In in, Out out, size_t n, cudaStream_t = nullptr) {
    return Reduce(storage, bytes, in, out, n, cub::Sum(), detail::ValueOf<In>(0));
  }
  template <class In, class Out>
  static cudaError_t Max(void* storage, size_t& bytes, In in, Out out, size_t n, cudaStream_t = nullptr) {
    return Reduce(storage, bytes, in, out, n, cub::Max(), detail::lowest<detail::ValueOf<In>>());
  }
  template <class In, class Out>
  static cudaError_t Min(void* storage, size_t& bytes, In in, Out out, size_t n, cudaStream_t = nullptr) {
    return Reduce(storage, bytes, in, out, n, cub::Min(), detail::highest<detail::ValueOf<In>>());
  }
  template <class In, class Out>
  static cudaError_t ArgMax(void* storage, size_t& bytes, In in, Out out, int n, cudaStream_t = nullptr) { return arg(storage, bytes, in, out, n, cub::ArgMax()); }
  template <class In, class Out>
  static cudaError_t ArgMin(void* storage, size_t& bytes, In in, Out out, int n, cudaStream_t = nullptr) { return arg(storage, bytes, in, out, n, cub::ArgMin()); }

 private:
  template <class In, class Out, class Op>
  static cudaError_t arg(void* storage, size_t& bytes, In in, Out out, int n, Op op) {
    if (detail::only_size(storage, bytes)) return cudaSuccess;
    KeyValuePair<int, detail::ValueOf<In>> best(0, in[0]);
    for (int i = 1; i < n; ++i) best = op(best, KeyValuePair<int, detail::ValueOf<In>>(i, in[i]));
    out->key = best.key;
    out->value = best.value;
    return cudaSuccess;
  }
};

struct DeviceSegmentedReduce {
  template <class In, class Out, class Begin, class End, class Op, class T>
  static cudaError_t Reduce(void* storage, size_t& bytes, In in, Out out, size_t segments, Begin begin, End end, Op op, T initial, cudaStream_t = nullptr) {
    if (detail::only_size(storage, bytes)) return cudaSuccess;
    for (size_t s = 0; s < segments; ++s) out[s] = detail::fold<T>(in, size_t(begin[s]), size_t(end[s]), op, initial);
    return cudaSuccess;
  }
  template <class In, class Out, class Begin, class End>
  static cudaError_t Sum(void* storage, size_t& bytes, In in, Out out, size_t segments, Begin begin, End end, cudaStream_t = nullptr) {
    return Reduce(storage, bytes, in, out, segments, begin, end, cub::Sum(), detail::ValueOf<In>(0));
  }
  template <class In, class Out, class Begin, class End>
  static cudaError_t Max(void* storage, size_t& bytes, In in, Out out, size_t segments, Begin begin, End end, cudaStream_t = nullptr) {
    return Reduce(storage, bytes, in, out, segments, begin, end, cub::Max(), detail::lowest<detail::ValueOf<In>>());
  }
  template <class In, class Out, class Begin, class End>
  static cudaError_t Min(void* storage, size_t& bytes, In in, Out out, size_t segments, Begin begin, End end, cudaStream_t = nullptr) {
    return Reduce(storage, bytes, in, out, segments, begin, end, cub::Min(), detail::highest<detail::ValueOf<In>>());
  }
};

struct DeviceScan {
  template <class In, class Out>
  static cudaError_t InclusiveSum(void* storage, size_t& bytes, In in, Out out, size_t n, cudaStream_t = nullptr) { return InclusiveScan(storage, bytes, in, out, cub::Sum(), n); }
  template <class In, class Out>
  static cudaError_t ExclusiveSum(void* storage, size_t& bytes, In in, Out out, size_t n, cudaStream_t = nullptr) {
    return ExclusiveScan(storage, bytes, in, out, cub::Sum(), detail::ValueOf<In>(0), n);
  }
  template <class In, class Out, class Op>
  static cudaError_t InclusiveScan(void* storage, size_t& bytes, In in, Out out, Op op, size_t n, cudaStream_t = nullptr) {
    if (!detail::only_size(storage, bytes)) detail::scan(in, out, n, op, true, detail::ValueOf<In>(), false);
    return cudaSuccess;
  }
  template <class In, class Out, class Op, class T>
  static cudaError_t ExclusiveScan(void* storage, size_t& bytes, In in, Out out, Op op, T initial, size_t n, cudaStream_t = nullptr) {
    if (!detail::only_size(storage, bytes)) detail::scan(in, out, n, op, false, initial, true);
    return cudaSuccess;
  }
};

struct DeviceRadixSort {
#define HARNESS_SORT(SUFFIX, DESCENDING)                                                                                                        \
  template <class K>                                                                                                                            \
  static cudaError_t SortKeys##SUFFIX(void* storage, size_t& bytes, const K* in, K* out, size_t n, int begin = 0, int end = 8 * sizeof(K),      \
                                      cudaStream_t = nullptr) {                                                                                 \
    if (!detail::only_size(storage, bytes)) detail::sort<K, char>(in, out, nullptr, nullptr, n, begin, end, DESCENDING);                        \
    return cudaSuccess;                                                                                                                         \
  }                                                                                                                                             \
  template <class K, class V>                                                                                                                   \
  static cudaError_t SortPairs##SUFFIX(void* storage, size_t& bytes, const K* keys, K* keys_out, const V* values, V* values_out, size_t n,      \
                                       int begin = 0, int end = 8 * sizeof(K), cudaStream_t = nullptr) {                                        \
    if (!detail::only_size(storage, bytes)) detail::sort(keys, keys_out, values, values_out, n, begin, end, DESCENDING);                        \
    return cudaSuccess;                                                                                                                         \
  }                                                                                                                                             \
  template <class K>                                                                                                                            \
  static cudaError_t SortKeys##SUFFIX(void* storage, size_t& bytes, DoubleBuffer<K>& keys, size_t n, int begin = 0, int end = 8 * sizeof(K),    \
                                      cudaStream_t = nullptr) {                                                                                 \
    if (detail::only_size(storage, bytes)) return cudaSuccess;                                                                                  \
    detail::sort<K, char>(keys.Current(), keys.Alternate(), nullptr, nullptr, n, begin, end, DESCENDING);                                       \
    keys.selector ^= 1;                                                                                                                         \
    return cudaSuccess;                                                                                                                         \
  }                                                                                                                                             \
  template <class K, class V>                                                                                                                   \
  static cudaError_t SortPairs##SUFFIX(void* storage, size_t& bytes, DoubleBuffer<K>& keys, DoubleBuffer<V>& values, size_t n, int begin = 0,   \
                                       int end = 8 * sizeof(K), cudaStream_t = nullptr) {                                                       \
    if (detail::only_size(storage, bytes)) return cudaSuccess;                                                                                  \
    detail::sort(keys.Current(), keys.Alternate(), values.Current(), values.Alternate(), n, begin, end, DESCENDING);                            \
    keys.selector ^= 1;                                                                                                                         \
    values.selector ^= 1;                                                                                                                       \
    return cudaSuccess;                                                                                                                         \
  }
  HARNESS_SORT(, false)
  HARNESS_SORT(Descending, true)
#undef HARNESS_SORT
};

struct DeviceSelect {
  template <class In, class Flags, class Out, class Count>
  static cudaError_t Flagged(void* storage, size_t& bytes, In in, Flags flags, Out out, Count selected, size_t n, cudaStream_t = nullptr) {
    if (detail::only_size(storage, bytes)) return cudaSuccess;
    size_t kept = 0;
    for (size_t i = 0; i < n; ++i)
      if (flags[i]) out[kept++] = in[i];
    *selected = static_cast<std::decay_t<decltype(*selected)>>(kept);
    return cudaSuccess;
  }
  template <class In, class Out, class Count, class Predicate>
  static cudaError_t If(void* storage, size_t& bytes, In in, Out out, Count selected, size_t n, Predicate predicate, cudaStream_t = nullptr) {
    if (detail::only_size(storage, bytes)) return cudaSuccess;
    size_t kept = 0;
    for (size_t i = 0; i < n; ++i)
      if (predicate(in[i])) out[kept++] = in[i];
    *selected = static_cast<std::decay_t<decltype(*selected)>>(kept);
    return cudaSuccess;
  }
  template <class In, class Out, class Count>
  static cudaError_t Unique(void* storage, size_t& bytes, In in, Out out, Count selected, size_t n, cudaStream_t = nullptr) {
    if (detail::only_size(storage, bytes)) return cudaSuccess;
    size_t kept = 0;
    for (size_t i = 0; i < n; ++i)
      if (i == 0 || !(in[i] == in[i - 1])) out[kept++] = in[i];
    *selected = static_cast<std::decay_t<decltype(*selected)>>(kept);
    return cudaSuccess;
  }
};

struct DeviceHistogram {
  template <class In, class Counter, class Level>
  static cudaError_t HistogramEven(void* storage, size_t& bytes, In in, Counter* histogram, int levels, Level low, Level high, size_t n, cudaStream_t = nullptr) {
    if (detail::only_size(storage, bytes)) return cudaSuccess;
    std::fill(histogram, histogram + levels - 1, Counter(0));
    for (size_t i = 0; i < n; ++i) {
      const double v = double(in[i]);
      if (v >= double(low) && v < double(high)) ++histogram[std::min(levels - 2, int((v - double(low)) * (levels - 1) / (double(high) - double(low))))];
    }
    return cudaSuccess;
  }
};
}  // namespace cub
