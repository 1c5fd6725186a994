// The warp's matrix product: one lane computes it for all.
#pragma once

#include <cstdint>

namespace harness_cuda {

// d = a * b + c with row-major a (m x k), b (k x n), c (m x n). Products are exact, sums are float: as tensor cores have it, up to
// the order of the sum.
inline void matrix_product(unsigned m, unsigned n, unsigned k, const float* a, const float* b, const float* c, float* d) {
  for (unsigned row = 0; row < m; ++row) {
    float sum[32] = {};
    for (unsigned at = 0; at < k; ++at) {
      const float x = a[row * k + at];
      for (unsigned col = 0; col < n; ++col) sum[col] += x * b[at * n + col];
    }
    for (unsigned col = 0; col < n; ++col) d[row * n + col] = sum[col] + c[row * n + col];
  }
}
template <class T, class U>  // T: int32_t with wrapping sums in U = uint32_t, or double
inline void matrix_product_of(unsigned m, unsigned n, unsigned k, const T* a, const T* b, const T* c, T* d) {
  for (unsigned row = 0; row < m; ++row)
    for (unsigned col = 0; col < n; ++col) {
      U sum = U(c[row * n + col]);
      for (unsigned at = 0; at < k; ++at) sum += U(a[row * k + at]) * U(b[at * n + col]);
      d[row * n + col] = T(sum);
    }
}

}  // namespace harness_cuda
