// The page: memory shared with the judge, which writes the options before a call and reads the rest after it.
//
// harness/worker/kernel_page.py mirrors this layout; tests/build/cuda/test_page.py holds the two together. Everything
// beside `options` is the word of the process that runs the kernel: it can make a verdict worse, never better.
#pragma once

#include <cstdint>

// Counters of a launch, in the order in which they stand in `Launch::counters`.
#define HARNESS_CUDA_COUNTERS(X)                                                              \
  X(global_load_requests)  /* warp instructions that load from global memory */               \
  X(global_load_sectors)   /* 32-byte sectors that these touch */                             \
  X(global_load_bytes)     /* bytes that the lanes asked for */                               \
  X(global_store_requests)                                                                    \
  X(global_store_sectors)                                                                     \
  X(global_store_bytes)                                                                       \
  X(shared_load_requests)                                                                     \
  X(shared_load_passes)    /* passes over the 32 banks; more than requests: bank conflicts */ \
  X(shared_store_requests)                                                                    \
  X(shared_store_passes)                                                                      \
  X(barriers)              /* barriers passed, once per warp */                               \
  X(warp_operations)       /* shuffles, votes and their like, once per warp */                \
  X(atomics)               /* atomic operations, once per lane */                             \
  X(lane_blocks)           /* basic blocks executed, summed over lanes */                     \
  X(warp_block_slots)      /* 32 times the basic blocks that warps executed for them */      \
  X(tensor_fp16)           /* operations of matrix products, a multiply-add being two */      \
  X(tensor_bf16)                                                                              \
  X(tensor_tf32)                                                                              \
  X(tensor_int8)                                                                              \
  X(tensor_fp64)

namespace harness_cuda {

constexpr uint32_t kPageVersion = 2;
constexpr uint32_t kMostFindings = 64;
constexpr uint32_t kMostLaunches = 64;
constexpr uint32_t kMostExecuted = 8192;

enum Counter : uint32_t {
#define HARNESS_CUDA_NAME(name) k_##name,
  HARNESS_CUDA_COUNTERS(HARNESS_CUDA_NAME)
#undef HARNESS_CUDA_NAME
      kCounters
};

// In the order of harness/worker/kernel_page.py's KINDS.
enum class Kind : uint32_t {
  out_of_bounds,
  race,
  divergent_barrier,
  uninitialised_shared,
  misaligned,
  invalid_launch,
  resource_limit,
  warp_mask,
  deadlock,
};

enum class Order : uint32_t { forward, reverse, random };

struct Options {
  uint32_t version = kPageVersion;
  uint32_t threads = 2;  // OS threads that run blocks
  Order order = Order::forward;
  uint32_t check = 1;  // look for mistakes; only the checked build can
  uint32_t count = 0;  // take counters; only the checked build can
  uint32_t reserved = 0;
  uint64_t seed = 0;  // of the random order
  uint64_t max_threads_per_launch = uint64_t(1) << 32;
  uint64_t max_accesses = uint64_t(1) << 32;  // memory accesses that are checked before checking stops
  uint64_t count_blocks = 8;                  // blocks of a launch that counters are taken of
  uint32_t arch_major = 9;
  uint32_t arch_minor = 0;
  uint32_t sm_count = 132;
  uint32_t max_threads_per_block = 1024;
  uint32_t shared_bytes = 48 << 10;         // of a block, without asking
  uint32_t shared_optin_bytes = 227 << 10;  // of a block, after cudaFuncSetAttribute
  uint32_t warp_size = 32;
  uint32_t reserved2 = 0;
};

struct Finding {
  uint32_t kind;
  uint32_t line;  // in the candidate; 0 where only `pc` is known
  int32_t block[3], thread[3];
  int32_t other_block[3], other_thread[3];  // -1 where there is no other side
  uint64_t pc, other_pc;                    // offsets in the library; 0 if unknown
  uint64_t count;                           // how often it was seen at this place
  uint32_t library;                         // number that `harness_cuda_attach` was given
  uint32_t write;
  char kernel[128];
  char detail[192];
};

struct Launch {
  char kernel[128];
  uint32_t grid[3], block[3];
  uint64_t dynamic_shared, static_shared;
  uint64_t launches, counted_blocks;
  uint64_t counters[kCounters];
};

// A basic block of a launch's kernel; what it computes is found in the library's instructions.
struct Executed {
  uint32_t launch, library;
  uint64_t offset;  // in the library, of the call that reported it
  uint64_t lanes;   // how often lanes of counted blocks ran it; 0 in a free slot
};

struct Page {
  Options options;
  uint32_t findings, dropped;  // how many of `finding` are filled; how many more there were
  uint32_t launches, lost;
  uint64_t accesses;  // checked ones
  Finding finding[kMostFindings];
  Launch launch[kMostLaunches];
  Executed executed[kMostExecuted];  // hashed by launch, library and offset
};

}  // namespace harness_cuda
