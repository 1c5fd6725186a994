// What the runtime tells the checks and the counters. In the plain build nothing is behind it.
#pragma once

#include "block.h"

namespace harness_cuda {

#ifdef HARNESS_CUDA_CHECK
constexpr bool checks_are_built_in() { return true; }
bool checking();                                                  // whether this call is checked or counted at all
size_t redzone_bytes();                                           // unused bytes behind each shared variable
void check_launch_begins(Grid& grid);
void check_launch_ends(Grid& grid);
void check_block_begins(Block& block);
void check_block_ends(Block& block);
void check_thread_ends(Block& block);
void check_placed(Block& block, uint32_t offset, size_t bytes);   // a shared variable was given its place
void check_meets(Block& block, unsigned thread);                  // a thread comes to a meeting of any kind
void check_turns(Block& block);                                   // a thread lets others run
void check_arrives(Block& block, unsigned group);
void check_barrier_passes(Block& block);
void check_group_passes(Block& block, unsigned group);
void check_grid_passes();
void check_lanes_meet(Block& block, unsigned warp, uint32_t arrived);
void check_atomic(Block& block, const volatile void* address, size_t bytes, uintptr_t pc);
void check_fence(Block& block);
void count_product(Block& block, Counter counter, uint64_t operations);  // of a warp's matrix product
#else
constexpr bool checks_are_built_in() { return false; }
inline bool checking() { return false; }
inline size_t redzone_bytes() { return 0; }
inline void check_launch_begins(Grid&) {}
inline void check_launch_ends(Grid&) {}
inline void check_block_begins(Block&) {}
inline void check_block_ends(Block&) {}
inline void check_thread_ends(Block&) {}
inline void check_placed(Block&, uint32_t, size_t) {}
inline void check_meets(Block&, unsigned) {}
inline void check_turns(Block&) {}
inline void check_arrives(Block&, unsigned) {}
inline void check_barrier_passes(Block&) {}
inline void check_group_passes(Block&, unsigned) {}
inline void check_grid_passes() {}
inline void check_lanes_meet(Block&, unsigned, uint32_t) {}
inline void check_atomic(Block&, const volatile void*, size_t, uintptr_t) {}
inline void check_fence(Block&) {}
inline void count_product(Block&, Counter, uint64_t) {}
#endif

// Found in both builds (findings.cpp).
void check_divergent(Block& block, int line, uintptr_t pc);
void check_outside_mask(Block& block, uint32_t mask, uintptr_t pc);
void check_absent(Block& block, uint32_t mask, unsigned lane, uintptr_t pc);

void note_executed(const Launch& launch, uintptr_t pc, uint64_t lanes);  // lanes of a block that ran a basic block

// Building a finding.
uint64_t library_offset(uintptr_t pc);  // of the instruction before `pc`, which is a return address
void place(int32_t (&to)[3], const uint3& from);
void describe(Finding& finding, const char* kernel, const char* detail);
Finding finding_here(const Block& block, Kind kind, uintptr_t pc, const char* detail);

}  // namespace harness_cuda
