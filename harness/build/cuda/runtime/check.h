// What the runtime tells the checks. In the plain build nothing is behind it.
#pragma once

#include "block.h"

namespace harness_cuda {

void place(int32_t (&to)[3], const uint3& from);
void describe(Finding& finding, const char* kernel, const char* detail);

#ifdef HARNESS_CUDA_CHECK
#else
inline bool checking() { return false; }
inline size_t redzone_bytes() { return 0; }
inline void check_launch_begins(Grid&) {}
inline void check_launch_ends(Grid&) {}
inline void check_block_begins(Block&) {}
inline void check_thread_ends(Block&) {}
inline void check_placed(Block&, uint32_t, size_t) {}
inline void check_meets(Block&, unsigned) {}
inline void check_arrives(Block&, unsigned) {}
inline void check_barrier_passes(Block&) {}
inline void check_group_passes(Block&, unsigned) {}
inline void check_grid_passes() {}
inline void check_lanes_meet(Block&, unsigned, uint32_t) {}
inline void check_atomic(Block&, const volatile void*, size_t) {}
inline void check_fence(Block&) {}
#endif

// Found in both builds.
void check_divergent(Block& block, int line);
void check_outside_mask(Block& block, uint32_t mask);
void check_absent(Block& block, uint32_t mask, unsigned lane);

}  // namespace harness_cuda
