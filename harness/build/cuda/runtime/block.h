// One block: its threads, how they wait for each other, and who runs next.
//
// `current` points at the block that runs. All of a block's state is used by one OS thread only.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "fibre.h"
#include "harness_cuda/core.h"

namespace harness_cuda {

struct Grid;    // one launch
struct Worker;  // one OS thread's share of it

enum State : uint8_t { kUnborn, kReady, kPolling, kAtBarrier, kInWarp, kConverging, kAtGroup, kAtGrid, kDone };

// Lanes that meet under one mask. Two buffers in turn: one may still be read while the next meeting fills the other.
struct Meeting {
  uint32_t mask;
  uint32_t arrived = 0;
  uint32_t generation = 0;
  uint32_t who[2];
  uint64_t value[2][32];
};

struct Warp {
  uint32_t born = 0;   // lanes that the block has
  uint32_t alive = 0;  // of them, those that have not exited
  uint32_t converging = 0;
  unsigned first = 0;  // where its lanes begin in the order
  Meeting* last = nullptr;
  std::vector<std::unique_ptr<Meeting>> meetings;
  Meeting& meeting(uint32_t mask);
};

struct GroupBarrier {
  unsigned wanted = 0, arrived = 0;
};

constexpr unsigned kGroups = 16;
constexpr unsigned kMostThreads = 1024;
constexpr unsigned kMostVariables = 1024;  // shared ones, of a library

// Rounds in which a block only polls, and preemptions, before another block is started beside it.
constexpr unsigned kPatientRounds = 8, kPatientPreemptions = 2;

// Why a block stopped running.
enum class Stop { finished, blocked, polling, failed };

struct Watch;   // what the checks keep of a block
struct Counts;  // what the counters keep of it

struct Block {
  BlockFront front;  // first, see harness_cuda/index.h

  Grid* grid = nullptr;
  Worker* worker = nullptr;
  uint64_t number = 0;  // linear
  uint3 index{};

  unsigned alive = 0;
  unsigned cursor = 0;  // place in `order` of the running thread
  void* main_sp = nullptr;
  Stop stop = Stop::finished;
  bool running = false;      // kernel code runs, and no code of the runtime
  unsigned poll_rounds = 0;  // since anything but polling happened
  double polling_since_s = 0;
  unsigned preemptions = 0;  // of this block's threads
  bool preempted = false;  // in this round, so that it may have been at work and not polling
  uint64_t random = 0;

  State state[kMostThreads];
  uint16_t order[kMostThreads];
  uint16_t place[kMostThreads];  // of a thread in `order`
  void* sp[kMostThreads];
  char* stack[kMostThreads];
  uint3 thread_index[kMostThreads];
  uint32_t active[kMostThreads];  // mask that active_mask gave; while converging, its line
  std::vector<Warp> warps;

  // the block barrier
  unsigned waiting = 0;
  int barrier_line = 0;
  uintptr_t barrier_pc = 0;
  uint16_t barrier_thread = 0;  // the first that came
  int count = 0, result_count = 0;
  GroupBarrier groups[kGroups];
  uint8_t group_of[kMostThreads];
  unsigned at_grid = 0;  // threads that wait there

  // shared memory
  std::vector<char> arena_store;
  uint32_t offset[kMostVariables + 1];
  uint32_t static_used = 0;
  std::vector<std::pair<uint32_t, size_t>> placed;  // offset and size of each static variable
  uint64_t placed_bytes = 0;  // of static variables, without gaps

  std::shared_ptr<Watch> watch;
  std::shared_ptr<Counts> counts;

  // polls: consecutive atomics at one address
  const volatile void* polled = nullptr;
  unsigned polled_by = 0, polls = 0;
  uint32_t polled_value = 0;

  void bind(Grid& grid, Worker& worker);  // once per worker and launch
  void begin(uint64_t number);            // another block of the grid
  Stop run();                             // until nothing of it can run
  void abandon();                         // gives the stacks of unfinished threads back

  void note_poll(const volatile void* address);  // the running thread looks at `address` again: may let others run
  void preempt();    // from a signal: the running thread steps behind the others
  void suspend();                       // the running thread waits, or steps behind the others
  [[noreturn]] void finish_thread();    // from anywhere in kernel code: the running thread ends here
  void complete_barrier();
  void complete_group(unsigned id);
  bool complete(Warp& warp, Meeting& meeting);
  void converge(Warp& warp);
  void left(unsigned thread);  // a thread stops to be runnable, for good or until woken: see who waited for that
  void wake(unsigned thread) { state[thread] = kReady; }
  Warp& warp_of(unsigned thread) { return warps[thread >> 5]; }

 private:
  static void entry();
  int pick();  // the next thread that can run, or -1
  void enter(unsigned thread);
  void switch_to_next(void** save);
  void retire(unsigned thread);
  Stop poll();  // nothing but polls in this round
  void shuffle();
};

// While one of these lives, the running thread is in the runtime's code: its accesses are not the kernel's, and no signal may
// take the processor from it. The fences keep the compiler from moving work out of that time.
class InRuntime {
 public:
  explicit InRuntime(Block& block) : block_(block), before_(block.running) {
    block_.running = false;
    std::atomic_signal_fence(std::memory_order_seq_cst);
  }
  ~InRuntime() {
    std::atomic_signal_fence(std::memory_order_seq_cst);
    block_.running = before_;
  }
  InRuntime(const InRuntime&) = delete;
  InRuntime& operator=(const InRuntime&) = delete;

 private:
  Block& block_;
  const bool before_;
};

}  // namespace harness_cuda
