// Kernels with one planted mistake each, and beside them the same idea done right. Written as the translator leaves them.
#include <string>

#include "harness_cuda/atomics.h"
#include "harness_cuda/core.h"
#include "harness_cuda/math.h"
#include "harness_cuda/memory.h"
#include "harness_cuda/vector.h"
#include "harness_cuda/warp.h"

using namespace harness_cuda;

#define SHARED(T, name, id) auto& name = shared_variable<T, id>()
#define RUN(name, grid, block, shared, ...) \
  extern "C" const char* name(const float* x, float* y, int n) {                               \
    static std::string said;                                                                  \
    try {                                                                                     \
      launch(#name, Configuration(grid, block, shared), [&] { __VA_ARGS__; });                \
    } catch (const std::exception& error) {                                                   \
      said = error.what();                                                                    \
      return said.c_str();                                                                    \
    }                                                                                         \
    return nullptr;                                                                           \
  }

// Each kernel adds one to each of n elements, sums rows of 256, or is described.
static int global_index() { return blockIdx.x * blockDim.x + threadIdx.x; }

static void k_global_write(const float* x, float* y, int n) {
  int i = global_index();
  y[i] = x[i < n ? i : 0] + 1;  // MISTAKE global_write
}
RUN(global_write, (n + 255) / 256, 256, 0, k_global_write(x, y, n))

static void k_global_read(const float* x, float* y, int n) {
  int i = global_index();
  if (i < n) y[i] = x[i + 1] > 1e30f ? 0 : x[i] + 1;  // MISTAKE global_read
}
RUN(global_read, n / 256, 256, 0, k_global_read(x, y, n))

static void k_null_write(const float* x, float* y, int n) {
  float* p = n < 0 ? y : nullptr;
  if (global_index() == 0) *p = x[0];  // MISTAKE null_write
}
RUN(null_write, 1, 32, 0, k_null_write(x, y, n))

static void k_shared_write(const float* x, float* y, int n) {
  SHARED(float[256], s, 1);
  int i = global_index();
  s[threadIdx.x + 1] = x[i];  // MISTAKE shared_write
  __syncthreads();
  y[i] = s[threadIdx.x ? threadIdx.x : 1] + 1;
}
RUN(shared_write, n / 256, 256, 0, k_shared_write(x, y, n))

static void k_dynamic_write(const float* x, float* y, int n) {
  float* s = dynamic_shared<float>();
  int i = global_index();
  s[threadIdx.x] = x[i];  // MISTAKE dynamic_write
  __syncthreads();
  if (threadIdx.x < 255) y[i] = s[threadIdx.x] + 1;
}
RUN(dynamic_write, n / 256, 256, 255 * sizeof(float), k_dynamic_write(x, y, n))

template <int Missing>
static void reduce(const float* x, float* y) {
  SHARED(float[256], s, 2);
  const int t = threadIdx.x;
  s[t] = x[blockIdx.x * 256 + t];
  if (Missing != 1) __syncthreads();
  for (int d = 128; d > 0; d >>= 1) {
    if (t < d) s[t] += s[t + d];  // MISTAKE no_barrier_before MISTAKE no_barrier_inside
    if (Missing != 2) __syncthreads();
  }
  y[blockIdx.x * 256 + t] = s[0];
}
RUN(no_barrier_before, n / 256, 256, 0, reduce<1>(x, y))
RUN(no_barrier_inside, n / 256, 256, 0, reduce<2>(x, y))
RUN(ok_reduce, n / 256, 256, 0, reduce<0>(x, y))

template <bool Missing>
static void rounds(const float* x, float* y) {
  SHARED(float[256], s, 3);
  const int t = threadIdx.x;
  float sum = 0;
  for (int c = 0; c < 4; ++c) {
    s[t] = x[c * 256 + t];  // MISTAKE no_barrier_after_use
    __syncthreads();
    sum += s[255 - t];
    if (!Missing) __syncthreads();
  }
  y[t] = sum;
}
RUN(no_barrier_after_use, 1, 256, 0, rounds<true>(x, y))
RUN(ok_rounds, 1, 256, 0, rounds<false>(x, y))

template <bool Missing>
static void warp_synchronous(const float* x, float* y) {
  SHARED(float[64], s, 4);
  const int t = threadIdx.x;
  volatile float* v = s;
  v[t] = x[t];
  v[t + 32] = x[t + 32];
  for (int d = 32; d; d >>= 1) {
    if (!Missing) __syncwarp();
    float other = v[t + d < 64 ? t + d : t];  // MISTAKE warp_synchronous
    if (!Missing) __syncwarp();
    v[t] = v[t] + other;  // MISTAKE warp_synchronous
  }
  if (t == 0) y[0] = v[0];
}
RUN(warp_synchronous, 1, 32, 0, warp_synchronous<true>(x, y))
RUN(ok_warp_synchronous, 1, 32, 0, warp_synchronous<false>(x, y))

static void k_divergent_barrier(const float* x, float* y, int n) {
  SHARED(float[256], s, 5);
  const int t = threadIdx.x;
  s[t] = x[t];
  if (t < 128) {
    __syncthreads();
    y[t] = s[255 - t];
  }
  __syncthreads();  // MISTAKE divergent_barrier
}
RUN(divergent_barrier, 1, 256, 0, k_divergent_barrier(x, y, n))

// Legal since compute capability 7.0: who has exited is not waited for.
static void k_ok_exited(const float* x, float* y, int n) {
  SHARED(float[256], s, 6);
  int i = global_index();
  if (i >= n) return;
  s[threadIdx.x] = x[i];
  __syncthreads();
  y[i] = s[threadIdx.x] + 1;
}
RUN(ok_exited, (n + 255) / 256, 256, 0, k_ok_exited(x, y, n))

static void k_uninitialised(const float* x, float* y, int n) {
  SHARED(float[256], s, 7);
  const int t = threadIdx.x;
  if (t != 7) s[t] = x[t];
  __syncthreads();
  y[t] = s[t] + 1;  // MISTAKE uninitialised
}
RUN(uninitialised, 1, 256, 0, k_uninitialised(x, y, n))

static void k_accumulate(const float* x, float* y, int n) {
  int i = global_index();
  if (i < n) y[0] += x[i];  // MISTAKE accumulate
}
RUN(accumulate, (n + 255) / 256, 256, 0, k_accumulate(x, y, n))
static void k_ok_accumulate(const float* x, float* y, int n) {
  int i = global_index();
  if (i < n) atomicAdd(y, x[i]);
}
RUN(ok_accumulate, (n + 255) / 256, 256, 0, k_ok_accumulate(x, y, n))

// Blocks that write each other's halo.
static void k_halo(const float* x, float* y, int n) {
  int i = global_index();
  y[i] = x[i];  // MISTAKE halo
  if (threadIdx.x == 255 && i + 1 < n) y[i + 1] = x[i] + 5;  // MISTAKE halo
}
RUN(halo, n / 256, 256, 0, k_halo(x, y, n))

static void k_misaligned(const float* x, float* y, int n) {
  int i = threadIdx.x;
  float4 v = *reinterpret_cast<const float4*>(x + 1 + 4 * i);  // MISTAKE misaligned
  y[i] = v.x;
}
RUN(misaligned, 1, 64, 0, k_misaligned(x, y, n))

static void k_early_return(const float* x, float* y, int n) {
  int i = threadIdx.x;
  if (i >= 20) return;
  float v = x[i];
  for (int d = 16; d; d >>= 1) v += __shfl_down_sync(0xffffffff, v, d);  // MISTAKE early_return
  if (i == 0) y[0] = v;
}
RUN(early_return, 1, 32, 0, k_early_return(x, y, n))

static void k_outside_mask(const float* x, float* y, int n) {
  y[threadIdx.x] = __shfl_xor_sync(0x0000ffff, x[threadIdx.x], 1);  // MISTAKE outside_mask
}
RUN(outside_mask, 1, 32, 0, k_outside_mask(x, y, n))

RUN(too_many_threads, 1, 2048, 0, y[threadIdx.x] = 0)
RUN(empty_grid, 0, 32, 0, y[threadIdx.x] = 0)
RUN(too_much_shared, 1, 32, 64 << 10, y[threadIdx.x] = 0)

static void k_atomic_then_read(const float* x, float* y, int n) {
  SHARED(float, total, 8);
  if (threadIdx.x == 0) total = 0;
  __syncthreads();
  atomicAdd(&total, x[threadIdx.x]);  // MISTAKE atomic_then_read
  y[threadIdx.x] = total;  // MISTAKE atomic_then_read
}
RUN(atomic_then_read, 1, 64, 0, k_atomic_then_read(x, y, n))

static void k_reset_beside_atomic(const float* x, float* y, int n) {
  SHARED(float, total, 9);
  if (threadIdx.x == 0) total = 0;  // MISTAKE reset_beside_atomic
  atomicAdd(&total, x[threadIdx.x]);  // MISTAKE reset_beside_atomic
  __syncthreads();
  y[threadIdx.x] = total;
}
RUN(reset_beside_atomic, 1, 64, 0, k_reset_beside_atomic(x, y, n))

template <bool Fenced>
static void last_block(const float* x, float* y, unsigned* count, float* partial) {
  SHARED(float[256], s, 10);
  SHARED(bool, last, 11);
  const int t = threadIdx.x;
  s[t] = x[blockIdx.x * 256 + t];
  __syncthreads();
  for (int d = 128; d; d >>= 1) {
    if (t < d) s[t] += s[t + d];
    __syncthreads();
  }
  if (t == 0) {
    partial[blockIdx.x] = s[0];
    if (Fenced) __threadfence();
    last = atomicAdd(count, 1u) == gridDim.x - 1;
  }
  __syncthreads();
  if (last && t < 32) {
    float v = 0;
    for (unsigned i = t; i < gridDim.x; i += 32) v += partial[i];  // MISTAKE unfenced_last_block
    for (int d = 16; d; d >>= 1) v += __shfl_down_sync(~0u, v, d);
    if (t == 0) y[0] = v;
  }
}
RUN(ok_last_block, n / 256, 256, 0, last_block<true>(x, y, reinterpret_cast<unsigned*>(y + 1), y + 2))
RUN(unfenced_last_block, n / 256, 256, 0, last_block<false>(x, y, reinterpret_cast<unsigned*>(y + 1), y + 2))

// Lanes 0 to 15 meet under their own half's mask; the other half never synchronises with them.
static void k_half_masks(const float* x, float* y, int n) {
  SHARED(float[32], s, 12);
  const int t = threadIdx.x;
  s[t] = x[t];
  __syncwarp(t < 16 ? 0xffff : 0xffff0000);
  y[t] = s[31 - t];  // MISTAKE half_masks
}
RUN(half_masks, 1, 32, 0, k_half_masks(x, y, n))

// Threads that never meet.
static void k_lost_lanes(const float* x, float* y, int n) {
  if (threadIdx.x < 16) y[threadIdx.x] = __shfl_sync(0xffffffff, x[threadIdx.x], 0);
  __syncthreads();
}
RUN(lost_lanes, 1, 64, 0, k_lost_lanes(x, y, n))
static void k_endless_spin(const float* x, float* y, int n) {
  while (atomicAdd(reinterpret_cast<int*>(y), 0) == 0) {
  }
}
RUN(endless_spin, 1, 32, 0, k_endless_spin(x, y, n))

static void k_byte_race(const float* x, float* y, int n) {
  SHARED(unsigned char[64], s, 13);
  s[threadIdx.x] = (unsigned char)x[threadIdx.x];
  y[threadIdx.x] = s[63 - threadIdx.x];  // MISTAKE byte_race
}
RUN(byte_race, 1, 64, 0, k_byte_race(x, y, n))
