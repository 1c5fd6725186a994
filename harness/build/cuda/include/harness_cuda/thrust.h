// The part of Thrust that extensions use: device pointers and vectors, and algorithms, which run as the host's own.
#pragma once
#include <algorithm>
#include <functional>
#include <iterator>
#include <numeric>
#include <utility>
#include <vector>
#include "cub_operators.h"
#include "host_types.h"

namespace thrust {
template <class T>
class device_ptr {  // a random-access iterator over device memory, which is the host's here
 public:
  using iterator_category = std::random_access_iterator_tag;
  using value_type = std::remove_cv_t<T>;
  using difference_type = ptrdiff_t;
  using pointer = T*;
  using reference = T&;
  device_ptr() = default;
  explicit device_ptr(T* p) : p_(p) {}
  T* get() const { return p_; }
  T& operator*() const { return *p_; }
  T& operator[](ptrdiff_t i) const { return p_[i]; }
  device_ptr& operator++() { return ++p_, *this; }
  device_ptr& operator--() { return --p_, *this; }
  device_ptr operator++(int) { return device_ptr(p_++); }
  device_ptr operator--(int) { return device_ptr(p_--); }
  device_ptr& operator+=(ptrdiff_t n) { return p_ += n, *this; }
  device_ptr& operator-=(ptrdiff_t n) { return p_ -= n, *this; }
  device_ptr operator+(ptrdiff_t n) const { return device_ptr(p_ + n); }
  device_ptr operator-(ptrdiff_t n) const { return device_ptr(p_ - n); }
  ptrdiff_t operator-(const device_ptr& o) const { return p_ - o.p_; }
  auto operator<=>(const device_ptr&) const = default;

 private:
  T* p_ = nullptr;
};
template <class T> inline device_ptr<T> device_pointer_cast(T* p) { return device_ptr<T>(p); }
template <class T> inline T* raw_pointer_cast(device_ptr<T> p) { return p.get(); }
template <class T> inline T* raw_pointer_cast(T* p) { return p; }
template <class T> using device_vector = std::vector<T>;
template <class T> using host_vector = std::vector<T>;
template <class A, class B> using pair = std::pair<A, B>;
using std::make_pair;

struct execution_policy {
  execution_policy on(cudaStream_t) const { return {}; }
  template <class Allocator> execution_policy operator()(const Allocator&) const { return {}; }
};
inline constexpr execution_policy device, host, seq;
namespace cuda {
inline constexpr execution_policy par, par_nosync;
}

template <class T = void> using plus = std::plus<T>;
template <class T = void> using minus = std::minus<T>;
template <class T = void> using multiplies = std::multiplies<T>;
template <class T = void> using less = std::less<T>;
template <class T = void> using greater = std::greater<T>;
template <class T = void> struct maximum { template <class A> A operator()(const A& a, const A& b) const { return a < b ? b : a; } };
template <class T = void> struct minimum { template <class A> A operator()(const A& a, const A& b) const { return b < a ? b : a; } };
template <class T = void> struct square { template <class A> A operator()(const A& a) const { return a * a; } };
template <class T = void> struct identity { template <class A> A operator()(const A& a) const { return a; } };
template <class T> using counting_iterator = cub::CountingInputIterator<T>;
template <class T> inline counting_iterator<T> make_counting_iterator(T first) { return counting_iterator<T>(first); }

// Each algorithm with and without a policy in front.
#define HARNESS_ALGORITHM(NAME, EXPRESSION)                                                                                         \
  struct NAME##_algorithm {                                                                                                         \
    template <class... A> auto operator()(const execution_policy&, A&&... a) const { return (*this)(std::forward<A>(a)...); }       \
    template <class First, class... A> requires(!std::is_same_v<std::decay_t<First>, execution_policy>)                             \
    auto operator()(First first, A... a) const { return EXPRESSION; }                                                               \
  };                                                                                                                                \
  inline constexpr NAME##_algorithm NAME;
HARNESS_ALGORITHM(sort, std::sort(first, a...))
HARNESS_ALGORITHM(stable_sort, std::stable_sort(first, a...))
HARNESS_ALGORITHM(fill, std::fill(first, a...))
HARNESS_ALGORITHM(fill_n, std::fill_n(first, a...))
HARNESS_ALGORITHM(copy, std::copy(first, a...))
HARNESS_ALGORITHM(copy_n, std::copy_n(first, a...))
HARNESS_ALGORITHM(copy_if, std::copy_if(first, a...))
HARNESS_ALGORITHM(transform, std::transform(first, a...))
HARNESS_ALGORITHM(for_each, std::for_each(first, a...))
HARNESS_ALGORITHM(for_each_n, std::for_each_n(first, a...))
HARNESS_ALGORITHM(inclusive_scan, std::inclusive_scan(first, a...))
HARNESS_ALGORITHM(count, std::count(first, a...))
HARNESS_ALGORITHM(count_if, std::count_if(first, a...))
HARNESS_ALGORITHM(max_element, std::max_element(first, a...))
HARNESS_ALGORITHM(min_element, std::min_element(first, a...))
HARNESS_ALGORITHM(unique, std::unique(first, a...))
HARNESS_ALGORITHM(remove_if, std::remove_if(first, a...))
HARNESS_ALGORITHM(lower_bound, std::lower_bound(first, a...))
HARNESS_ALGORITHM(replace_if, std::replace_if(first, a...))
HARNESS_ALGORITHM(generate, std::generate(first, a...))
namespace detail {
template <class It> using Value = std::decay_t<decltype(*std::declval<It>())>;
template <class It> inline auto reduce(It first, It last) { return std::reduce(first, last); }
template <class It, class T> inline T reduce(It first, It last, T initial) { return std::reduce(first, last, initial); }
template <class It, class T, class Op> inline T reduce(It first, It last, T initial, Op op) { return std::reduce(first, last, initial, op); }
template <class It, class Unary, class T, class Op>
inline T transform_reduce(It first, It last, Unary unary, T initial, Op op) { return std::transform_reduce(first, last, initial, op, unary); }
template <class It, class T = Value<It>>
inline void sequence(It first, It last, T start = T(0), T step = T(1)) { for (; first != last; ++first, start = start + step) *first = start; }
template <class In, class Out> inline Out exclusive_scan(In first, In last, Out out) { return std::exclusive_scan(first, last, out, Value<In>(0)); }
template <class In, class Out, class T> inline Out exclusive_scan(In first, In last, Out out, T initial) { return std::exclusive_scan(first, last, out, initial); }
template <class In, class Out, class T, class Op>
inline Out exclusive_scan(In first, In last, Out out, T initial, Op op) { return std::exclusive_scan(first, last, out, initial, op); }
template <class K, class V, class Less = std::less<>>
inline void sort_by_key(K first, K last, V values, Less less = {}) {
  std::vector<std::pair<Value<K>, Value<V>>> items;
  for (ptrdiff_t i = 0; i < last - first; ++i) items.emplace_back(first[i], values[i]);
  std::stable_sort(items.begin(), items.end(), [&](const auto& a, const auto& b) { return less(a.first, b.first); });
  for (size_t i = 0; i < items.size(); ++i) first[ptrdiff_t(i)] = items[i].first, values[ptrdiff_t(i)] = items[i].second;
}
template <class I, class M, class O> inline void gather(I first, I last, M from, O out) { for (; first != last; ++first, ++out) *out = from[*first]; }
}  // namespace detail
HARNESS_ALGORITHM(reduce, detail::reduce(first, a...))
HARNESS_ALGORITHM(transform_reduce, detail::transform_reduce(first, a...))
HARNESS_ALGORITHM(sequence, detail::sequence(first, a...))
HARNESS_ALGORITHM(exclusive_scan, detail::exclusive_scan(first, a...))
HARNESS_ALGORITHM(sort_by_key, detail::sort_by_key(first, a...))
HARNESS_ALGORITHM(stable_sort_by_key, detail::sort_by_key(first, a...))
HARNESS_ALGORITHM(gather, detail::gather(first, a...))
#undef HARNESS_ALGORITHM
}  // namespace thrust
