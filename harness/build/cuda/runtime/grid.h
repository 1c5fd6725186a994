// One launch, and the OS threads that run its blocks.
#pragma once

#include <atomic>
#include <exception>
#include <memory>
#include <mutex>
#include <vector>

#include "block.h"
#include "preempt.h"

namespace harness_cuda {

struct Grid {
  const char* kernel;
  Configuration configuration;
  Options options;  // as they were at the launch
  Body body;
  void* argument;
  uint64_t blocks = 0;
  unsigned workers = 1;                // OS threads that take part
  uint64_t stride = 1, shift = 0;  // of the random order
  std::atomic<uint64_t> next{0};
  std::atomic<uint64_t> lowest{0};
  std::unique_ptr<std::atomic<bool>[]> begun_already;  // per block, where the order is not forward
  std::atomic<uint64_t> static_shared{0};
  uint64_t begun = 0;  // blocks whose counters were begun
  std::atomic<bool> failed{false};
  std::mutex mutex;
  std::exception_ptr failure;
  struct Launch* record = nullptr;

  Grid(const char* kernel, const Configuration& configuration, Body body, void* argument);
  bool take(uint64_t& number);         // the next block to run
  bool take_lowest(uint64_t& number);  // the first that has not begun: others may wait for it
  void fail(std::exception_ptr what);
  void placed_shared(size_t bytes);  // a shared variable was met for the first time
};

// What one OS thread keeps between launches: its stacks and its blocks.
struct Worker {
  int error = kNoError;  // of the last launch, sticky
  Stacks stacks;
  Timer timer;
  std::vector<std::unique_ptr<Block>> blocks;
  void run(Grid& grid);

 private:
  void run_resident(Grid& grid);
  Block& block(size_t index, Grid& grid);
  static void pass_grid_barrier(const std::vector<Block*>& resident);
};

// This OS thread's. It is reached through one pointer, because thread-local memory of fixed place is scarce: a process has
// little more than a kilobyte of it for all libraries.
Worker& this_worker();

// Blocks that one OS thread can hold unfinished at once, for grid barriers and for polls between blocks.
constexpr size_t kMostResidentThreads = 32 << 10;

// Runs `task` on up to `threads` OS threads, the calling one included. The others sleep between calls.
void on_workers(unsigned threads, void (*task)(void*), void* argument);

void make_arena(Block& block);
void poison_arena(Block& block);
bool canary_is_alive(const Block& block);

[[noreturn]] void deadlock(Grid& grid, const std::vector<Block*>& blocks);

// The page (page.cpp).
Launch* record_launch(const Grid& grid);
void add_finding(const Finding& finding);
Page& page();

}  // namespace harness_cuda
