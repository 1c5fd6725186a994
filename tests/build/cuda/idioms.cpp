// What correct kernels do. None of it may be found fault with, in any order of threads.
#include <string>

#include "harness_cuda/atomics.h"
#include "harness_cuda/core.h"
#include "harness_cuda/math.h"
#include "harness_cuda/memory.h"
#include "harness_cuda/vector.h"
#include "harness_cuda/warp.h"

using namespace harness_cuda;

#define SHARED(T, name, id) auto& name = shared_variable<T, id>()
#define RUN(name, grid, block, shared, ...) RUN_WITH(name, Configuration(grid, block, shared), __VA_ARGS__)
#define RUN_WITH(name, configuration, ...)                                   \
  extern "C" const char* name(const float* x, float* y, int n) {             \
    static std::string said;                                                 \
    try {                                                                    \
      launch(#name, configuration, [&] { __VA_ARGS__; });                    \
    } catch (const std::exception& error) {                                  \
      said = error.what();                                                   \
      return said.c_str();                                                   \
    }                                                                        \
    return nullptr;                                                          \
  }

static int global_index() { return blockIdx.x * blockDim.x + threadIdx.x; }

// A tiled product of 32x32 matrices with padded rows.
static void k_tiles(const float* x, float* y, int) {
  SHARED(float[16][17], a, 1);
  SHARED(float[16][17], b, 2);
  const int tx = threadIdx.x, ty = threadIdx.y, row = blockIdx.y * 16 + ty, column = blockIdx.x * 16 + tx;
  float sum = 0;
  for (int tile = 0; tile < 2; ++tile) {
    a[ty][tx] = x[row * 32 + tile * 16 + tx];
    b[ty][tx] = x[(tile * 16 + ty) * 32 + column];
    __syncthreads();
#pragma GCC unroll 16
    for (int k = 0; k < 16; ++k) sum += a[ty][k] * b[k][tx];
    __syncthreads();
  }
  y[row * 32 + column] = sum;
}
RUN(tiles, dim3(2, 2), dim3(16, 16), 0, k_tiles(x, y, n))

// One barrier per round: the other buffer is filled while this one is read.
static void k_double_buffer(const float* x, float* y, int) {
  SHARED(float[2][256], s, 3);
  const int t = threadIdx.x;
  float sum = 0;
  s[0][t] = x[t];
  __syncthreads();
  for (int c = 0; c < 4; ++c) {
    if (c < 3) s[(c + 1) & 1][t] = x[(c + 1) * 256 + t];
    sum += s[c & 1][255 - t];
    __syncthreads();
  }
  y[t] = sum;
}
RUN(double_buffer, 1, 256, 0, k_double_buffer(x, y, n))

static float warp_sum(float v) {
  for (int d = 16; d; d >>= 1) v += __shfl_down_sync(0xffffffff, v, d);
  return v;
}
static float block_sum(float v) {
  SHARED(float[32], s, 4);
  const int lane = threadIdx.x & 31, warp = threadIdx.x >> 5;
  v = warp_sum(v);
  if (lane == 0) s[warp] = v;
  __syncthreads();
  v = threadIdx.x < blockDim.x / 32 ? s[lane] : 0;
  if (warp == 0) v = warp_sum(v);
  return v;
}
static void k_block_sum(const float* x, float* y, int) {
  SHARED(float, total, 5);
  float v = block_sum(x[global_index()]);
  if (threadIdx.x == 0) total = v;
  __syncthreads();
  y[global_index()] = total;
}
RUN(block_sum_by_warps, n / 256, 256, 0, k_block_sum(x, y, n))

// Volatile reduction of the last warp, with __syncwarp between read and write as CUDA 9 asks for.
static void k_volatile_warp(const float* x, float* y, int) {
  SHARED(float[256], s, 6);
  const int t = threadIdx.x;
  s[t] = x[global_index()];
  __syncthreads();
  for (int d = 128; d >= 32; d >>= 1) {
    if (t < d) s[t] += s[t + d];
    __syncthreads();
  }
  if (t < 32) {
    volatile float* v = s;
    float own = v[t];
    for (int d = 16; d; d >>= 1) {
      own += v[t + d];
      __syncwarp();
      v[t] = own;
      __syncwarp();
    }
  }
  if (t == 0) y[blockIdx.x] = s[0];
}
RUN(volatile_warp, n / 256, 256, 0, k_volatile_warp(x, y, n))

// Hillis and Steele's inclusive scan.
static void k_scan(const float* x, float* y, int) {
  SHARED(float[256], s, 7);
  const int t = threadIdx.x;
  s[t] = x[global_index()];
  __syncthreads();
  for (int d = 1; d < 256; d <<= 1) {
    const float left = t >= d ? s[t - d] : 0;
    __syncthreads();
    s[t] += left;
    __syncthreads();
  }
  y[global_index()] = s[t];
}
RUN(scan, n / 256, 256, 0, k_scan(x, y, n))

// Lanes that found something reserve room with one atomic.
static void k_aggregated(const float* x, float* y, int n) {
  int* count = reinterpret_cast<int*>(y + n - 1);
  const float v = x[global_index()];
  if (v > 3) {
    const unsigned mask = __activemask();
    const int leader = __ffs(mask) - 1, lane = threadIdx.x & 31;
    int base = 0;
    if (lane == leader) base = atomicAdd(count, __popc(mask));
    base = __shfl_sync(mask, base, leader);
    y[base + __popc(mask & ((1u << lane) - 1))] = v;
  }
}
RUN(aggregated, n / 256, 256, 0, k_aggregated(x, y, n))

static void k_histogram(const float* x, float* y, int n) {
  int* local = dynamic_shared<int>();
  int* h = reinterpret_cast<int*>(y);
  for (int i = threadIdx.x; i < 8; i += blockDim.x) local[i] = 0;
  __syncthreads();
  for (int i = global_index(); i < n; i += blockDim.x * gridDim.x) atomicAdd(&local[int(x[i])], 1);
  __syncthreads();
  for (int i = threadIdx.x; i < 8; i += blockDim.x) atomicAdd(&h[i], local[i]);
}
RUN(histogram, 2, 256, 8 * sizeof(int), k_histogram(x, y, n))

// The compare-and-swap loop of the programming guide: it begins with a plain read.
static float atomic_max(float* p, float v) {
  int* word = reinterpret_cast<int*>(p);
  int old = *word, assumed;
  do {
    assumed = old;
    old = atomicCAS(word, assumed, __float_as_int(fmaxf(v, __int_as_float(assumed))));
  } while (assumed != old);
  return __int_as_float(old);
}
static void k_cas_loop(const float* x, float* y, int) { atomic_max(y, x[global_index()]); }
RUN(cas_loop, n / 256, 256, 0, k_cas_loop(x, y, n))

// A device-wide count of blocks that are done; the last one adds up what all wrote. All threads fence, one counts.
static unsigned done_blocks = 0;
static void k_last_block(const float* x, float* y, int) {
  SHARED(bool, last, 8);
  y[1 + global_index() / 2 * 2 % 512] = 0;  // all write the same
  float v = block_sum(x[global_index()]);
  if (threadIdx.x == 0) y[600 + blockIdx.x] = v;
  __threadfence();
  __syncthreads();
  if (threadIdx.x == 0) last = atomicInc(&done_blocks, gridDim.x - 1) == gridDim.x - 1;
  __syncthreads();
  if (last) {
    if (threadIdx.x == 0) {
      float sum = 0;
      for (unsigned i = 0; i < gridDim.x; ++i) sum += y[600 + i];
      y[0] = sum;
    }
  }
}
RUN(last_block, n / 256, 256, 0, k_last_block(x, y, n))

// A chain of blocks: each waits for the flag of the one before (a scan over blocks).
static void k_chain(const float* x, float* y, int n) {
  volatile int* flag = reinterpret_cast<volatile int*>(y + 512);
  if (threadIdx.x == 0) {
    if (blockIdx.x > 0) {
      while (flag[blockIdx.x - 1] == 0) {
      }
      __threadfence();
    }
    y[blockIdx.x] = (blockIdx.x ? y[blockIdx.x - 1] : 0) + x[blockIdx.x];
    __threadfence();
    flag[blockIdx.x] = 1;
  }
}
RUN(chain, 16, 32, 0, k_chain(x, y, n))

// A lock that blocks take in turns.
static int lock_word = 0;
static void k_lock(const float* x, float* y, int) {
  if (threadIdx.x == 0) {
    while (atomicCAS(&lock_word, 0, 1) != 0) {
    }
    __threadfence();
    y[0] += x[blockIdx.x];
    __threadfence();
    atomicExch(&lock_word, 0);
  }
}
RUN(lock, 16, 32, 0, k_lock(x, y, n))

// Every thread takes a lock in shared memory; lanes of one warp contend.
static void k_shared_lock(const float* x, float* y, int) {
  SHARED(int, word, 9);
  SHARED(float, sum, 10);
  if (threadIdx.x == 0) word = 0, sum = 0;
  __syncthreads();
  for (bool done = false; !done;) {
    if (atomicCAS(&word, 0, 1) == 0) {
      sum += x[threadIdx.x];
      __threadfence_block();
      atomicExch(&word, 0);
      done = true;
    }
  }
  __syncthreads();
  if (threadIdx.x == 0) y[0] = sum;
}
RUN(shared_lock, 1, 64, 0, k_shared_lock(x, y, n))

// One piece of shared memory as floats, as pairs and as fours.
static void k_widths(const float* x, float* y, int) {
  SHARED(float4[64], s, 11);
  const int t = threadIdx.x;
  s[t] = reinterpret_cast<const float4*>(x)[t];
  __syncthreads();
  const float one = reinterpret_cast<const float*>(s)[255 - t];
  const float2 two = reinterpret_cast<const float2*>(s)[127 - t];
  __syncthreads();
  reinterpret_cast<float2*>(y)[t] = make_float2(one, two.x + two.y);
}
RUN(widths, 1, 64, 0, k_widths(x, y, n))

// A union in shared memory that is used twice, and single bytes by neighbours.
union Scratch {
  float value[64];
  unsigned char byte[256];
};
static void k_union(const float* x, float* y, int) {
  SHARED(Scratch, s, 12);
  const int t = threadIdx.x;
  for (int i = t; i < 256; i += 64) s.byte[i] = (unsigned char)x[i];
  __syncthreads();
  float sum = 0;
  for (int i = 0; i < 4; ++i) sum += s.byte[(4 * t + i + 1) & 255];
  __syncthreads();
  s.value[63 - t] = sum;
  __syncthreads();
  y[t] = s.value[t];
}
RUN(union_of_bytes, 1, 64, 0, k_union(x, y, n))

// 16-bit neighbours, and a struct with padding.
struct Padded {
  double value;
  int index;
};
static void k_small(const float* x, float* y, int) {
  SHARED(__half[128], h, 13);
  SHARED(Padded[64], p, 14);
  const int t = threadIdx.x;
  h[2 * t] = __float2half(x[t]);
  h[2 * t + 1] = __float2half(x[t + 64]);
  p[t] = Padded{x[t], t};
  __syncthreads();
  const __half2 pair = reinterpret_cast<const __half2*>(h)[63 - t];
  const Padded other = p[63 - t];
  y[t] = __half2float(pair.x) + __half2float(pair.y) + float(other.value) + other.index;
}
RUN(small_types, 1, 64, 0, k_small(x, y, n))

// All threads say the same: no mistake.
static void k_same_value(const float* x, float* y, int n) {
  SHARED(int, any, 15);
  any = 0;
  __syncthreads();
  if (x[threadIdx.x] > 2) any = 1;
  __syncthreads();
  y[threadIdx.x] = any;
  if (x[global_index()] > 1) y[n - 1] = 7;
}
RUN(same_value, 2, 128, 0, k_same_value(x, y, n))

// Warps that specialise: one half produces, the other consumes, with named barriers.
static void k_named_barriers(const float* x, float* y, int) {
  SHARED(float[64], s, 16);
  const int t = threadIdx.x;
  for (int round = 0; round < 3; ++round) {
    if (t < 64) {
      s[t] = x[round * 64 + t];
      group_barrier(1, 128);
      group_barrier(2, 128);
    } else {
      group_barrier(1, 128);
      y[round * 64 + t - 64] = s[127 - t];
      group_barrier(2, 128);
    }
  }
}
RUN(named_barriers, 1, 128, 0, k_named_barriers(x, y, n))

// Sub-warp tiles of eight lanes, each with a mask of its own.
static void k_tile_shuffle(const float* x, float* y, int) {
  const unsigned mask = 0xffu << (threadIdx.x & 24);
  float v = x[global_index()];
  for (int d = 4; d; d >>= 1) v += __shfl_xor_sync(mask, v, d, 8);
  y[global_index()] = v;
}
RUN(tile_shuffle, n / 256, 256, 0, k_tile_shuffle(x, y, n))

static Configuration cooperative(dim3 grid, dim3 block) {
  Configuration c(grid, block);
  c.cooperative = true;
  return c;
}
static void k_grid(const float* x, float* y, int n) {
  y[global_index()] = x[global_index()] * 2;
  grid_barrier();
  const float other = y[n - 1 - global_index()];
  grid_barrier();
  y[global_index()] = other + 1;
}
RUN_WITH(grid_wide, cooperative(n / 64, 64), k_grid(x, y, n))

// A barrier of the author's own over blocks that all run at once: an atomic count and a poll.
static int arrived_blocks = 0;
static void k_home_made_grid(const float* x, float* y, int n) {
  y[global_index()] = x[global_index()] * 2;
  __syncthreads();
  if (threadIdx.x == 0) {
    __threadfence();
    const int turn = atomicAdd(&arrived_blocks, 1) / int(gridDim.x);
    while (atomicAdd(&arrived_blocks, 0) < (turn + 1) * int(gridDim.x)) {
    }
    __threadfence();
  }
  __syncthreads();
  y[512 + (global_index() & 511)] = y[511 - (global_index() & 511)];
}
RUN(home_made_grid, 8, 64, 0, k_home_made_grid(x, y, n))

static void k_counts(const float* x, float* y, int) {
  const int c = __syncthreads_count(x[threadIdx.x] > 3);
  const int a = __syncthreads_and(x[threadIdx.x] >= 0), o = __syncthreads_or(x[threadIdx.x] > 100);
  y[threadIdx.x] = c * 100 + (a != 0) * 10 + (o != 0);
}
RUN(counted_barrier, 1, 256, 0, k_counts(x, y, n))

// Threads of a warp come to one barrier by different copies of it.
static void k_two_ways(const float* x, float* y, int) {
  SHARED(float[64], s, 17);
  const int t = threadIdx.x;
  if (t < 13) {
    s[t] = x[t] + 1;
  } else {
    s[t] = x[t] * 2;
  }
  __syncthreads();
  y[t] = s[63 - t];
}
RUN(two_ways, 1, 64, 0, k_two_ways(x, y, n))
