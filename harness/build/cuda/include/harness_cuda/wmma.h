// nvcuda::wmma. Which lane holds which element is left open by CUDA; here lane l holds elements l * n to l * n + n - 1 of the
// matrix, read row by row.
#pragma once
#include "warp.h"

namespace harness_cuda {
enum class Element : unsigned { half, bfloat16, tf32, float32, float64, s8, u8, s32 };
struct MatrixPart {  // one lane's elements of one matrix
  const void* elements;
  Element type;
};
struct MatrixCall {
  unsigned m, n, k;
  MatrixPart a, b, c;
  void* d;
  Element d_type;
};
// Computes d = a * b + c for the whole warp (runtime/wmma.cpp).
void warp_matrix_product(const MatrixCall& call);
}  // namespace harness_cuda

namespace nvcuda::wmma {
struct row_major {};
struct col_major {};
struct matrix_a {};
struct matrix_b {};
struct accumulator {};
enum layout_t { mem_row_major, mem_col_major };
namespace precision {
struct tf32 {};
struct u4 {};
struct s4 {};
struct b1 {};
}  // namespace precision

namespace details {
using harness_cuda::Element;
// Storage and meaning of an element type, and the shapes that it comes in.
template <class T> struct Traits;
template <> struct Traits<__half> { using type = __half; static constexpr Element element = Element::half; };
template <> struct Traits<__nv_bfloat16> { using type = __nv_bfloat16; static constexpr Element element = Element::bfloat16; };
template <> struct Traits<precision::tf32> { using type = float; static constexpr Element element = Element::tf32; };
template <> struct Traits<float> { using type = float; static constexpr Element element = Element::float32; };
template <> struct Traits<double> { using type = double; static constexpr Element element = Element::float64; };
template <> struct Traits<signed char> { using type = signed char; static constexpr Element element = Element::s8; };
template <> struct Traits<unsigned char> { using type = unsigned char; static constexpr Element element = Element::u8; };
template <> struct Traits<int> { using type = int; static constexpr Element element = Element::s32; };
template <class T>
constexpr bool shape_exists(int m, int n, int k) {
  const bool sixteen = k == 16 && ((m == 16 && n == 16) || (m == 32 && n == 8) || (m == 8 && n == 32));
  if constexpr (std::is_same_v<T, precision::tf32>) return m == 16 && n == 16 && k == 8;
  else if constexpr (std::is_same_v<T, double>) return m == 8 && n == 8 && k == 4;
  else if constexpr (std::is_same_v<T, float>) return sixteen || (m == 16 && n == 16 && k == 8);
  else return sixteen;
}
template <class Use, int M, int N, int K> struct Extent;
template <int M, int N, int K> struct Extent<matrix_a, M, N, K> { static constexpr int rows = M, columns = K; };
template <int M, int N, int K> struct Extent<matrix_b, M, N, K> { static constexpr int rows = K, columns = N; };
template <int M, int N, int K> struct Extent<accumulator, M, N, K> { static constexpr int rows = M, columns = N; };
}  // namespace details

template <class Use, int M, int N, int K, class T, class Layout = void>
struct fragment {
  static_assert(!std::is_same_v<T, precision::u4> && !std::is_same_v<T, precision::s4> && !std::is_same_v<T, precision::b1>,
                "uses wmma of sub-byte elements, which the emulation does not have");
  static_assert(details::shape_exists<T>(M, N, K), "wmma has no such shape for this element type");
  using element_type = T;
  using storage_element_type = typename details::Traits<T>::type;
  static constexpr int rows = details::Extent<Use, M, N, K>::rows, columns = details::Extent<Use, M, N, K>::columns;
  static constexpr int num_elements = rows * columns / 32, num_storage_elements = num_elements;
  storage_element_type x[num_elements];
};

template <class Use, int M, int N, int K, class T, class Layout, class V>
HARNESS_HERE void fill_fragment(fragment<Use, M, N, K, T, Layout>& f, const V& v) {
  for (auto& x : f.x) x = static_cast<typename fragment<Use, M, N, K, T, Layout>::storage_element_type>(v);
}

namespace details {
template <class F, class P>
HARNESS_HERE void load(F& f, const P* p, unsigned stride, bool by_row) {
  static_assert(sizeof(P) == sizeof(f.x[0]), "a fragment is loaded from its own element type");
  if (reinterpret_cast<uintptr_t>(p) % 32) harness_cuda::report(harness_cuda::Kind::misaligned, "load_matrix_sync needs 32-byte alignment");
  harness_cuda::warp_barrier(~0u);
  const unsigned first = harness_cuda::lane_id() * F::num_elements;
  for (unsigned i = 0; i < unsigned(F::num_elements); ++i) {
    const unsigned row = (first + i) / F::columns, column = (first + i) % F::columns;
    f.x[i] = p[by_row ? row * stride + column : column * stride + row];
  }
}
}  // namespace details
template <class Use, int M, int N, int K, class T, class Layout, class P>
HARNESS_HERE void load_matrix_sync(fragment<Use, M, N, K, T, Layout>& f, const P* p, unsigned stride) {
  details::load(f, p, stride, std::is_same_v<Layout, row_major>);
}
template <int M, int N, int K, class T, class P>
HARNESS_HERE void load_matrix_sync(fragment<accumulator, M, N, K, T>& f, const P* p, unsigned stride, layout_t layout) {
  details::load(f, p, stride, layout == mem_row_major);
}
template <int M, int N, int K, class T, class P>
HARNESS_HERE void store_matrix_sync(P* p, const fragment<accumulator, M, N, K, T>& f, unsigned stride, layout_t layout) {
  using F = fragment<accumulator, M, N, K, T>;
  if (reinterpret_cast<uintptr_t>(p) % 32) harness_cuda::report(harness_cuda::Kind::misaligned, "store_matrix_sync needs 32-byte alignment");
  const unsigned first = harness_cuda::lane_id() * F::num_elements;
  for (unsigned i = 0; i < unsigned(F::num_elements); ++i) {
    const unsigned row = (first + i) / F::columns, column = (first + i) % F::columns;
    p[layout == mem_row_major ? row * stride + column : column * stride + row] = f.x[i];
  }
  harness_cuda::warp_barrier(~0u);
}

template <int M, int N, int K, class T, class LayoutA, class LayoutB, class C, class D>
HARNESS_HERE void mma_sync(fragment<accumulator, M, N, K, D>& d, const fragment<matrix_a, M, N, K, T, LayoutA>& a,
                     const fragment<matrix_b, M, N, K, T, LayoutB>& b, const fragment<accumulator, M, N, K, C>& c, bool = false) {
  using namespace details;
  static_assert(std::is_same_v<C, D> || std::is_same_v<T, __half>, "the accumulators are of one type");
  harness_cuda::warp_matrix_product({M, N, K, {a.x, Traits<T>::element}, {b.x, Traits<T>::element}, {c.x, Traits<C>::element}, d.x, Traits<D>::element});
}

// Keeps 10 bits of the significand; ties go away from zero.
inline float __float_to_tf32(float v) { return v != v ? v : __uint_as_float((__float_as_uint(v) + 0x1000) & 0xffffe000); }
}  // namespace nvcuda::wmma
