// Block barriers, named barriers, the grid barrier, and polls.
#include <cstdio>
#include <cstring>
#include <string>

#include "block.h"
#include "check.h"
#include "grid.h"

namespace harness_cuda {
namespace {

// How often in a row a thread may use one address atomically before the others get a turn.
constexpr unsigned kPatience = 32;

void step_behind(Block& b) {
  b.state[b.front.thread] = kPolling;
  b.left(b.front.thread);
  b.suspend();
}

}  // namespace

int barrier(Barrier kind, int predicate, int line) {
  Block& b = *current;
  const InRuntime guard(b);
  const unsigned me = b.front.thread;
  const auto pc = reinterpret_cast<uintptr_t>(__builtin_return_address(0));
  if (b.waiting == 0) {
    b.barrier_line = line;
    b.barrier_pc = pc;
    b.barrier_thread = static_cast<uint16_t>(me);
  } else if (b.barrier_line != line) {
    check_divergent(b, line, pc);
  }
  check_meets(b, me);
  b.count += predicate != 0;
  b.state[me] = kAtBarrier;
  if (++b.waiting == b.alive) {
    b.complete_barrier();
  } else {
    b.left(me);
  }
  b.suspend();
  switch (kind) {
    case Barrier::count: return b.result_count & 0xFFFF;
    case Barrier::conjunction: return b.result_count >> 16;
    case Barrier::disjunction: return (b.result_count & 0xFFFF) != 0;
    default: return 0;
  }
}

void Block::complete_barrier() {
  check_barrier_passes(*this);
  result_count = count | (count == static_cast<int>(waiting) ? 1 << 16 : 0);
  count = 0;
  poll_rounds = 0;
  if (waiting == front.threads) {
    std::memset(state, kReady, front.threads);
  } else {
    for (unsigned t = 0; t < front.threads; ++t) {
      if (state[t] == kAtBarrier) state[t] = kReady;
    }
  }
  waiting = 0;
  if (grid->options.order == Order::random) shuffle();
  cursor = front.threads - 1;
}

void group_barrier(unsigned id, unsigned threads, int line) {
  Block& b = *current;
  const InRuntime guard(b);
  if (id >= kGroups) throw Error("barrier " + std::to_string(id) + " does not exist: there are 0 to 15");
  if (threads == 0 || threads > b.front.threads) threads = b.front.threads;
  const unsigned me = b.front.thread;
  check_meets(b, me);
  GroupBarrier& group = b.groups[id];
  group.wanted = threads;
  b.group_of[me] = static_cast<uint8_t>(id);
  b.state[me] = kAtGroup;
  (void)line;
  if (++group.arrived >= group.wanted) {
    b.complete_group(id);
  } else {
    b.left(me);
  }
  b.suspend();
}

void group_arrive(unsigned id, unsigned threads) {
  Block& b = *current;
  if (id >= kGroups) throw Error("barrier " + std::to_string(id) + " does not exist: there are 0 to 15");
  const InRuntime guard(b);
  GroupBarrier& group = b.groups[id];
  group.wanted = threads ? threads : b.front.threads;
  check_arrives(b, id);
  if (++group.arrived >= group.wanted) b.complete_group(id);
}

void Block::complete_group(unsigned id) {
  check_group_passes(*this, id);
  groups[id].arrived = 0;
  poll_rounds = 0;
  for (unsigned t = 0; t < front.threads; ++t) {
    if (state[t] == kAtGroup && group_of[t] == id) state[t] = kReady;
  }
}

void grid_barrier(int line) {
  Block& b = *current;
  (void)line;
  if (!b.grid->configuration.cooperative) {
    throw Error("grid synchronisation in " + std::string(b.grid->kernel) +
                ", which was not launched with cudaLaunchCooperativeKernel");
  }
  const InRuntime guard(b);
  const unsigned me = b.front.thread;
  check_meets(b, me);
  b.state[me] = kAtGrid;
  ++b.at_grid;
  b.left(me);
  b.suspend();
}

void Block::note_poll(const volatile void* address) {
  if (polled != address || polled_by != front.thread) {
    polled = address;
    polled_by = front.thread;
    polls = 0;
  } else if (++polls % kPatience == 0) {
    const auto word = reinterpret_cast<uintptr_t>(address) & ~uintptr_t(3);
    const uint32_t value = __atomic_load_n(reinterpret_cast<const uint32_t*>(word), __ATOMIC_RELAXED);
    if (value != polled_value) poll_rounds = 0;
    polled_value = value;
    relax();
  }
}

void atomic_access(const volatile void* address, size_t bytes) {
  Block* b = current;
  if (!b) return;
  b->note_poll(address);  // first: what others do meanwhile is seen by this access
  check_atomic(*b, address, bytes, reinterpret_cast<uintptr_t>(__builtin_return_address(0)));
}

void relax() {
  Block* b = current;
  if (!b) return;
  const InRuntime guard(*b);
  check_turns(*b);
  step_behind(*b);
}

void fence() {
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
  if (current) check_fence(*current);
}

void trap(const char* what) { throw Error(what); }

void refuse(const char* feature) {
  throw Error(std::string("uses ") + feature + ", which the emulation does not have");
}

}  // namespace harness_cuda
