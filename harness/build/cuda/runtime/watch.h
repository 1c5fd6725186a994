// State of the checks: one for the process, one per block.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "block.h"
#include "shadow.h"

namespace harness_cuda {

// Memory that an instruction was found to touch; found again without a search.
struct Range {
  uintptr_t begin = 0;
  size_t bytes = 0;
  bool watched = false;  // races are looked for
};
constexpr size_t kRanges = 1024;

// A conflict that what comes next may turn out to be harmless.
struct Doubt {
  bool open = false;
  uintptr_t address = 0;
  unsigned bytes = 0;
  unsigned char before[16];
  Finding finding;
};

enum class Access : uint8_t { read, write, atomic, flag_read, flag_write };

struct Checker {
  bool on = false;        // in this launch
  bool counting = false;  // the running block is counted
  uint32_t clock = 1;
  uint32_t launch_start = 1;  // also set by a grid barrier: what came before is ordered
  uint64_t accesses = 0, most_accesses = 0;
  Shadow shadow;
  Range range[kRanges];
  Doubt same_value;  // two unordered writes: no mistake if both wrote the same bytes
  std::unordered_map<uintptr_t, uint32_t> released;  // address -> clock of the last fence before an atomic on it
};
extern Checker checker;

// What orders the accesses of a block's threads.
struct Watch {
  uint32_t whole = 0;                // clock of the last barrier of the block
  uint32_t block_start = 0;          // of shared memory; what is older belongs to another block
  std::vector<uint32_t> warp_whole;  // per warp: last meeting of all its lanes
  std::vector<uint32_t> lanes;       // [warp][lane][lane]: last meeting of both
  std::vector<uint32_t> warps;       // [warp][warp]: last named barrier of both
  uint32_t group_warps[kGroups] = {};
  bool any_fence = false, any_acquired = false;
  uint32_t fenced[kMostThreads];    // clock of the thread's last fence, or of one that it has learnt of
  uint32_t acquired[kMostThreads];  // what happened before this clock is ordered before the thread
  bool doubts = false;
  std::vector<Doubt> stale_read;  // per thread: a plain read of a word that others update atomically
  std::vector<Cell> shared;       // cells of the arena
  std::vector<uint8_t> written, valid;  // bit per byte of the arena

  bool ordered(const Block& block, const Stamp& stamp, uint32_t me, bool is_shared) const;
};

// An access by kernel code. `pc` is a return address.
void watch(uintptr_t address, size_t bytes, Access access, uintptr_t pc);
// Finds what `address` belongs to; reports and ends the thread if a kernel may not touch it.
const Range& range_of(Block& block, uintptr_t address, size_t bytes, bool write, uintptr_t pc);
void forget_ranges();
void settle_same_value();
void settle_stale_read(Block& block, unsigned thread, const volatile void* updated);

// Counters (count.cpp).
void count_access(Block& block, uintptr_t address, size_t bytes, bool write, bool shared, uintptr_t pc);
void count_basic_block(Block& block, uintptr_t pc);
void count_meeting(Block& block, Counter counter, unsigned warps);
void count_atomic(Block& block);
bool grid_counts(Block& block);  // whether this block is to be counted
void count_block_begins(Block& block);
void count_block_ends(Block& block);

}  // namespace harness_cuda
