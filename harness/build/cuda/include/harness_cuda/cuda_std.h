// libcu++'s cuda::std is the host's own library here; and the small functions of namespace cuda.
#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <complex>
#include <cstdint>
#include <functional>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>

namespace cuda {
namespace std {
using namespace ::std;
}
template <class T, class U>
constexpr auto ceil_div(T a, U b) { return (a + b - 1) / b; }
template <class T, class U>
constexpr auto round_up(T a, U b) { return (a + b - 1) / b * b; }
template <class T, class U>
constexpr auto round_down(T a, U b) { return a / b * b; }
template <class T = void> struct maximum { template <class A> constexpr A operator()(const A& a, const A& b) const { return a < b ? b : a; } };
template <class T = void> struct minimum { template <class A> constexpr A operator()(const A& a, const A& b) const { return b < a ? b : a; } };
template <class R, class F>
constexpr auto proclaim_return_type(F&& f) { return ::std::forward<F>(f); }
template <size_t Alignment>
struct aligned_size_t {
  static constexpr size_t align = Alignment;
  size_t value;
  explicit constexpr aligned_size_t(size_t v) : value(v) {}
  constexpr operator size_t() const { return value; }
};
}  // namespace cuda
