// Kernels whose traffic is known on paper. Blocks of 256 threads, eight warps.
#include <string>

#include "harness_cuda/atomics.h"
#include "harness_cuda/bfloat16.h"
#include "harness_cuda/core.h"
#include "harness_cuda/half.h"
#include "harness_cuda/vector.h"
#include "harness_cuda/warp.h"
#include "harness_cuda/wmma.h"

using namespace harness_cuda;

#define RUN(name, grid, block, shared, ...)                                      \
  extern "C" const char* name(const float* x, float* y, int n) {                 \
    launch(#name, Configuration(grid, block, shared), [&] { __VA_ARGS__; });     \
    return nullptr;                                                              \
  }
static int global_index() { return blockIdx.x * blockDim.x + threadIdx.x; }

RUN(coalesced, n / 256, 256, 0, y[global_index()] = x[global_index()])
RUN(strided, 1, 128, 0, y[threadIdx.x] = x[threadIdx.x * 8])
RUN(broadcast, 1, 128, 0, y[threadIdx.x] = x[0])
RUN(shifted, 1, 128, 0, y[threadIdx.x] = x[threadIdx.x + 1])
RUN(fours, 1, 256, 0, reinterpret_cast<float4*>(y)[threadIdx.x] = reinterpret_cast<const float4*>(x)[threadIdx.x])
static void k_scaled_fours(const float* x, float* y) {
  float4 v = reinterpret_cast<const float4*>(x)[threadIdx.x];
  v.x *= 2;
  v.z += v.w;
  reinterpret_cast<float4*>(y)[threadIdx.x] = v;
}
RUN(scaled_fours, 1, 256, 0, k_scaled_fours(x, y))

template <int Stride>
static void columns(float* y) {
  auto& s = shared_variable<float[32 * Stride + 32], 1>();
  s[threadIdx.x * Stride] = 1;
  __syncthreads();
  y[threadIdx.x] = s[threadIdx.x * Stride];
}
RUN(bank_by_bank, 1, 32, 0, columns<1>(y))
RUN(two_by_two, 1, 32, 0, columns<2>(y))
RUN(one_bank, 1, 32, 0, columns<32>(y))
RUN(padded_columns, 1, 32, 0, columns<33>(y))
static void k_wide_shared(float* y) {
  auto& s = shared_variable<float4[32], 2>();
  s[threadIdx.x] = make_float4(1, 2, 3, 4);
  __syncthreads();
  reinterpret_cast<float4*>(y)[threadIdx.x] = s[31 - threadIdx.x];
}
RUN(wide_shared, 1, 32, 0, k_wide_shared(y))

template <int Taken>
static void branch(const float* x, float* y) {
  float v = x[threadIdx.x];
  if (int(threadIdx.x & 31) < Taken) {
    for (int i = 0; i < 1000; ++i) v = v * 0.5f + 1;
  } else {
    for (int i = 0; i < 1000; ++i) v = v * 0.25f - 1;
  }
  y[threadIdx.x] = v;
}
RUN(together, 1, 64, 0, branch<32>(x, y))
RUN(half_and_half, 1, 64, 0, branch<16>(x, y))
// One lane of 32 works while the others wait.
static void k_alone(const float* x, float* y) {
  float v = x[threadIdx.x];
  if (threadIdx.x % 32 == 5) {
    for (int i = 0; i < 1000; ++i) v = v * 0.5f + 1;
  }
  y[threadIdx.x] = v;
}
RUN(alone, 1, 64, 0, k_alone(x, y))

static void k_meetings(const float* x, float* y) {
  float v = x[threadIdx.x];
  for (int d = 16; d; d >>= 1) v += __shfl_xor_sync(~0u, v, d);
  __syncthreads();
  __syncthreads();
  atomicAdd(y, v);
}
RUN(meetings, 2, 256, 0, k_meetings(x, y))

// Arithmetic by type: 100 rounds, a value per thread.
template <class T>
static void rounds(const float* x, float* y) {
  T v = T(x[global_index()]);
  for (int i = 0; i < 100; ++i) v = v * T(0.5f) + T(1.0f);
  y[global_index()] = float(v);
}
RUN(singles, 4, 256, 0, rounds<float>(x, y))
RUN(doubles, 4, 256, 0, rounds<double>(x, y))
RUN(halves, 4, 256, 0, rounds<__half>(x, y))
static void k_brains(const float* x, float* y) {
  __nv_bfloat16 v = x[global_index()];
  const __nv_bfloat162 pair(v, v);
  for (int i = 0; i < 100; ++i) v = __hfma(v, pair.x, v) * pair.y;
  y[global_index()] = v;
}
RUN(brains, 4, 256, 0, k_brains(x, y))
RUN(logistic, 4, 256, 0, y[global_index()] = 1 / (1 + expf(-x[global_index()])))
static void k_branches(const float* x, float* y) {
  float v = x[threadIdx.x];
  if (threadIdx.x < 8) {
    for (int i = 0; i < 100; ++i) v = v * v;
  }
  y[threadIdx.x] = v;
}
RUN(branches, 1, 256, 0, k_branches(x, y))
static void k_product(float* y) {
  using namespace nvcuda::wmma;
  fragment<matrix_a, 16, 16, 16, __half, row_major> a;
  fragment<matrix_b, 16, 16, 16, __half, row_major> b;
  fragment<accumulator, 16, 16, 16, float> c;
  fill_fragment(a, __half(1.0f));
  fill_fragment(b, __half(1.0f));
  fill_fragment(c, 0.0f);
  mma_sync(c, a, b, c);
  store_matrix_sync(y, c, 16, mem_row_major);
}
RUN(product, 1, 64, 0, k_product(y))
