// How blocks and threads run: order, indices, stacks, exceptions.
#include <stdexcept>
#include <string>

#include "harness_cuda/atomics.h"
#include "harness_cuda/core.h"
#include "harness_cuda/warp.h"

using namespace harness_cuda;

#define RUN(name, grid, block, shared, ...)                                      \
  extern "C" const char* name(const float* x, float* y, int n) {                 \
    static std::string said;                                                     \
    try {                                                                        \
      launch(#name, Configuration(grid, block, shared), [&] { __VA_ARGS__; });   \
    } catch (const std::exception& error) {                                      \
      return (said = error.what()).c_str();                                      \
    }                                                                            \
    return nullptr;                                                              \
  }
static int* counter_of(float* y) { return reinterpret_cast<int*>(y); }

// y[1 + rank] = linear number of the thread that came there as number `rank`.
static void k_ranks(float* y) {
  const int thread = threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
  const int block = blockIdx.x + gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z);
  const int number = block * int(blockDim.x * blockDim.y * blockDim.z) + thread;
  y[1 + atomicAdd(counter_of(y), 1)] = float(number);
}
RUN(ranks, dim3(2, 3, 2), dim3(4, 2, 3), 0, k_ranks(y))
// The same, told after all have met once.
static void k_ranks_after_barrier(float* y) {
  __syncthreads();
  k_ranks(y);
}
RUN(ranks_after_barrier, 1, 100, 0, k_ranks_after_barrier(y))

static void k_indices(float* y) {
  const bool right = linear_thread() == threadIdx.x + 4 * threadIdx.y + 8 * threadIdx.z && lane_id() == linear_thread() % 32 &&
                     warp_id() == linear_thread() / 32 && block_threads() == 80 && warpSize == 32;
  atomicAdd(counter_of(y), right ? 1 : 0);
}
RUN(indices, dim3(3), dim3(4, 2, 10), 0, k_indices(y))

static void k_poison(float* y) {
  auto& s = shared_variable<int[64], 1>();
  int* d = dynamic_shared<int>();
  atomicAdd(counter_of(y), (s[threadIdx.x] == -1) + (d[threadIdx.x] == -1));
  s[threadIdx.x] = d[threadIdx.x] = 5;  // the next block must not see it
}
RUN(poison, 10, 64, 64 * sizeof(int), k_poison(y))

static void k_throws(const float* x) {
  __syncthreads();
  if (threadIdx.x == 40 && blockIdx.x == 3) throw std::runtime_error("thrown by a kernel");
  __syncthreads();
}
RUN(throws, 64, 64, 0, k_throws(x))
RUN(refuses, 4, 64, 0, if (threadIdx.x == 1) refuse("texture objects"))
extern "C" const char* nested(const float* x, float* y, int n) {
  static std::string said;
  try {
    launch("outer", Configuration(1, 1), [&] { launch("inner", Configuration(1, 1), [&] { y[0] = 1; }); });
  } catch (const std::exception& error) {
    return (said = error.what()).c_str();
  }
  return nullptr;
}

// Catches what it throws itself, on a stack of its own, while others wait.
static void k_catches(float* y) {
  __syncthreads();
  try {
    if (threadIdx.x % 2) throw int(threadIdx.x);
    __syncthreads();
  } catch (int thread) {
    __syncthreads();
    y[thread] = float(thread);
  }
}
RUN(catches, 1, 64, 0, k_catches(y))

__attribute__((noinline)) static int deeper(volatile char* above, int depth) {
  volatile char here[4096];
  here[0] = above[0];
  return depth ? deeper(here, depth - 1) + here[0] : here[0];
}
static void k_overflow(float* y) {
  volatile char top[16] = {};
  __syncthreads();
  y[0] = float(deeper(top, 1000));
}
RUN(overflow, 1, 64, 0, k_overflow(y))

// Plain polls of a flag that a later thread of the block, or a later block, sets.
static void k_waits_for_thread(float* y) {
  volatile int* flag = counter_of(y);
  if (threadIdx.x == 0) {
    while (*flag == 0) {
    }
    y[1] = 1;
  } else if (threadIdx.x == 63) {
    *flag = 1;
  }
}
RUN(waits_for_thread, 1, 64, 0, k_waits_for_thread(y))
static void k_waits_for_block(float* y) {
  volatile int* flag = counter_of(y);
  if (blockIdx.x == gridDim.x - 1) *flag = 1;
  while (*flag == 0) {
  }
  if (threadIdx.x == 0) y[1 + blockIdx.x] = 1;
}
RUN(waits_for_block, 20, 32, 0, k_waits_for_block(y))
