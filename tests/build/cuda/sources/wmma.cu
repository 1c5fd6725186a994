// Kernels of test_features_wmma.py, as the translator would leave them.
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <mma.h>
using namespace nvcuda;

// One tile per warp; a is row-major, b column-major or row-major, as the layout says.
template <class T, class C, int M, int N, int K, class LayoutB, class Storage = T>
__global__ void tile(const Storage* a, const Storage* b, C* c) {
  wmma::fragment<wmma::matrix_a, M, N, K, T, wmma::row_major> fa;
  wmma::fragment<wmma::matrix_b, M, N, K, T, LayoutB> fb;
  wmma::fragment<wmma::accumulator, M, N, K, C> fc;
  wmma::fill_fragment(fc, C(0));
  for (int step = 0; step < 2; ++step) {
    wmma::load_matrix_sync(fa, a + step * K, 2 * K);
    wmma::load_matrix_sync(fb, b + (std::is_same_v<LayoutB, wmma::col_major> ? step * K : step * K * N), std::is_same_v<LayoutB, wmma::col_major> ? 2 * K : N);
    if constexpr (std::is_same_v<T, wmma::precision::tf32>)
      for (int i = 0; i < fa.num_elements; ++i) fa.x[i] = wmma::__float_to_tf32(fa.x[i]);
    wmma::mma_sync(fc, fa, fb, fc);
  }
  for (int i = 0; i < fc.num_elements; ++i) fc.x[i] = fc.x[i] * C(2);
  wmma::store_matrix_sync(c, fc, N, wmma::mem_row_major);
}
template <class T, class C, int M, int N, int K, class LayoutB, class Storage = T>
void run(const void* a, const void* b, void* c) {
  LAUNCH(1, 32, (tile<T, C, M, N, K, LayoutB, Storage>(static_cast<const Storage*>(a), static_cast<const Storage*>(b), static_cast<C*>(c))));
}
EXPORT void run_half(const void* a, const void* b, void* c) { run<__half, float, 16, 16, 16, wmma::col_major>(a, b, c); }
EXPORT void run_half_row(const void* a, const void* b, void* c) { run<__half, float, 32, 8, 16, wmma::row_major>(a, b, c); }
EXPORT void run_half_half(const void* a, const void* b, void* c) { run<__half, __half, 8, 32, 16, wmma::col_major>(a, b, c); }
EXPORT void run_bfloat16(const void* a, const void* b, void* c) { run<__nv_bfloat16, float, 16, 16, 16, wmma::row_major>(a, b, c); }
EXPORT void run_tf32(const void* a, const void* b, void* c) { run<wmma::precision::tf32, float, 16, 16, 8, wmma::row_major, float>(a, b, c); }
EXPORT void run_double(const void* a, const void* b, void* c) { run<double, double, 8, 8, 4, wmma::col_major>(a, b, c); }
EXPORT void run_s8(const void* a, const void* b, void* c) { run<signed char, int, 16, 16, 16, wmma::col_major>(a, b, c); }
