// Where a CUDA thread is: threadIdx and its like, as CUDA spells them.
//
// They are variables and no macros, because host code calls its own variables `blockDim` and `gridDim`. They live in the
// static thread-local block (initial-exec), so that reading one is a single load; the runtime sets them at each switch.
#pragma once

#include <cstdint>

#define HARNESS_CUDA_LOCAL __attribute__((visibility("hidden")))
#define HARNESS_CUDA_TLS extern __thread __attribute__((visibility("hidden"), tls_model("initial-exec")))

struct uint3 {
  unsigned x, y, z;
};

struct dim3 {
  unsigned x, y, z;
  constexpr dim3(unsigned x_ = 1, unsigned y_ = 1, unsigned z_ = 1) : x(x_), y(y_), z(z_) {}
  constexpr dim3(uint3 v) : x(v.x), y(v.y), z(v.z) {}
  constexpr operator uint3() const { return {x, y, z}; }
};

HARNESS_CUDA_TLS uint3 threadIdx;
HARNESS_CUDA_TLS uint3 blockIdx;
HARNESS_CUDA_TLS dim3 blockDim;
HARNESS_CUDA_TLS dim3 gridDim;
static constexpr int warpSize = 32;

namespace harness_cuda HARNESS_CUDA_LOCAL {

struct Block;
// The block whose thread runs on this OS thread; null in host code. What stands at its start is read without a call.
HARNESS_CUDA_TLS Block* current;

struct BlockFront {
  unsigned thread;         // linear index of the running thread
  unsigned threads;        // of the block
  char* arena;             // shared memory: static variables, then dynamic memory
  char* dynamic;           // where the dynamic part begins
  const uint32_t* offset;  // of each shared variable in the arena; 0: not yet placed
};
inline const BlockFront& front() { return *reinterpret_cast<const BlockFront*>(current); }

inline unsigned linear_thread() { return front().thread; }
inline unsigned block_threads() { return front().threads; }
inline unsigned lane_id() { return front().thread & 31; }
inline unsigned warp_id() { return front().thread >> 5; }
inline bool in_kernel() { return current != nullptr; }

}  // namespace harness_cuda
