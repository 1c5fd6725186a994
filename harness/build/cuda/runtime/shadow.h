// Who touched which word last: 36 bytes beside every 4 bytes of memory that kernels use.
//
// Time is one clock for all: it ticks whenever threads meet, and at fences. Checked launches run on one OS thread, so that
// nothing here needs a lock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace harness_cuda {

// One access. `clock` 0 is none.
struct Stamp {
  uint32_t clock;
  uint32_t who;                // number of the block (low 22 bits), thread (10 bits)
  uint32_t pc : 24, bytes : 4, atomic : 1, : 3;  // offset in the library, if it fits; which bytes of the word
};

// The last write and two reads since, by different threads where there were any: whoever writes next then conflicts with at
// least one of them (Flanagan and Freund, "FastTrack", PLDI 2009, keeps all readers for the same end).
struct Cell {
  Stamp write, read, other;
};
static_assert(sizeof(Cell) == 36);

constexpr unsigned kThreadBits = 10;
inline uint32_t identity(uint64_t block, unsigned thread) { return static_cast<uint32_t>(block << kThreadBits | thread); }

// Cells of global memory, by address: 2 MiB at a time, mapped when first touched.
class Shadow {
 public:
  Cell* at(uintptr_t address) {
    const uintptr_t chunk = address >> kChunkBits;
    if (chunk != last_chunk_) find(chunk);
    return last_cells_ + (address >> 2 & (kCellsPerChunk - 1));
  }

 private:
  static constexpr unsigned kChunkBits = 21, kLeafBits = 13, kRootBits = 14;  // 48-bit addresses
  static constexpr size_t kCellsPerChunk = size_t(1) << (kChunkBits - 2);
  void find(uintptr_t chunk);
  uintptr_t last_chunk_ = ~uintptr_t(0);
  Cell* last_cells_ = nullptr;
  std::vector<Cell**> root_;
};

}  // namespace harness_cuda
