#include "block.h"

#include <chrono>
#include <cstring>
#include <exception>
#include <thread>

#include "check.h"
#include "grid.h"

__thread uint3 threadIdx;
__thread uint3 blockIdx;
__thread dim3 blockDim;
__thread dim3 gridDim;

namespace harness_cuda {

__thread Block* current;

namespace {

// So many rounds of nothing but polls of unchanging memory are taken for a deadlock, unless another OS thread may change it
// yet: then they must also last for some time.
constexpr unsigned kMostPollRounds = 1 << 16;
constexpr double kMostPollSeconds = 2;

double now_s() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

void Block::bind(Grid& grid_, Worker& worker_) {
  grid = &grid_;
  worker = &worker_;
  const dim3 shape = grid->configuration.block;
  front.threads = shape.x * shape.y * shape.z;
  front.offset = offset;
  warps.resize((front.threads + 31) / 32);
  for (unsigned t = 0; t < front.threads; ++t) {
    thread_index[t] = {t % shape.x, t / shape.x % shape.y, t / (shape.x * shape.y)};
    order[t] = static_cast<uint16_t>(grid->options.order == Order::reverse ? front.threads - 1 - t : t);
    place[order[t]] = static_cast<uint16_t>(t);
  }
  for (unsigned w = 0; w < warps.size(); ++w) {
    const unsigned lanes = front.threads - w * 32;
    warps[w].born = lanes >= 32 ? ~0u : (1u << lanes) - 1;
    warps[w].first = grid->options.order == Order::reverse ? front.threads - w * 32 - (lanes < 32 ? lanes : 32) : w * 32;
  }
  make_arena(*this);
}

void Block::begin(uint64_t number_) {
  number = number_;
  const dim3 extent = grid->configuration.grid;
  index = {static_cast<unsigned>(number % extent.x), static_cast<unsigned>(number / extent.x % extent.y),
           static_cast<unsigned>(number / (uint64_t(extent.x) * extent.y))};
  random = (grid->options.seed ^ (number + 1) * 0x9E3779B97F4A7C15ull) | 1;
  alive = front.threads;
  waiting = at_grid = 0;
  count = 0;
  poll_rounds = 0;
  preempted = false;
  preemptions = 0;
  std::memset(state, kUnborn, front.threads);
  for (GroupBarrier& group : groups) group = {};
  for (Warp& warp : warps) {
    warp.alive = warp.born;
    warp.converging = 0;
    for (auto& meeting : warp.meetings) meeting->arrived = 0;
  }
  if (grid->options.order == Order::random) shuffle();
  cursor = front.threads - 1;
  poison_arena(*this);
  check_block_begins(*this);
}

// Warps in random order and lanes in random order within their warp: any two threads come in either order, and the lanes
// of a warp stay together, which keeps its stacks in the cache.
void Block::shuffle() {
  auto below = [this](unsigned bound) {
    random ^= random << 13;
    random ^= random >> 7;
    random ^= random << 17;
    return static_cast<unsigned>((random >> 33) % bound);
  };
  uint16_t sequence[kMostThreads / 32];
  const unsigned n = static_cast<unsigned>(warps.size());
  for (unsigned w = 0; w < n; ++w) {
    const unsigned other = below(w + 1);
    sequence[w] = sequence[other];
    sequence[other] = static_cast<uint16_t>(w);
  }
  unsigned at = 0;
  for (unsigned i = 0; i < n; ++i) {
    const unsigned w = sequence[i];
    const unsigned lanes = front.threads - w * 32 < 32 ? front.threads - w * 32 : 32;
    warps[w].first = at;
    for (unsigned lane = 0; lane < lanes; ++lane) {
      const unsigned other = below(lane + 1);
      order[at + lane] = order[at + other];
      order[at + other] = static_cast<uint16_t>(w * 32 + lane);
    }
    for (unsigned lane = 0; lane < lanes; ++lane) place[order[at + lane]] = static_cast<uint16_t>(at + lane);
    at += lanes;
  }
}

int Block::pick() {
  const unsigned n = front.threads;
  for (unsigned i = cursor + 1; i < n; ++i) {
    if (state[order[i]] <= kReady) return order[cursor = i];
  }
  for (unsigned i = 0; i <= cursor; ++i) {
    if (state[order[i]] <= kReady) return order[cursor = i];
  }
  return -1;
}

void Block::enter(unsigned thread) {
  front.thread = thread;
  threadIdx = thread_index[thread];
}

// Leaves the running context in `*save` and goes on with the next thread that can run, else with the worker.
void Block::switch_to_next(void** save) {
  const unsigned from = front.thread;
  const int next = pick();
  if (next < 0) {
    stop = alive ? Stop::blocked : Stop::finished;
    if (save != &main_sp) harness_cuda_switch(save, main_sp);
    return;
  }
  enter(static_cast<unsigned>(next));
  if (state[next] == kUnborn) {
    stack[next] = worker->stacks.take();
    sp[next] = prepare(stack[next], &Block::entry);
    state[next] = kReady;
  } else if (static_cast<unsigned>(next) == from && save == &sp[from]) {
    return;
  }
  harness_cuda_switch(save, sp[next]);
}

void Block::preempt() {
  const InRuntime guard(*this);
  preempted = true;
  state[front.thread] = kPolling;
  if (++preemptions <= kPatientPreemptions) {
    suspend();
  } else {  // it looks as if all of them waited: other blocks' turn
    stop = Stop::blocked;
    harness_cuda_switch(&sp[front.thread], main_sp);
  }
}

void Block::suspend() {
  switch_to_next(&sp[front.thread]);
}

Stop Block::run() {
  current = this;
  blockIdx = index;
  switch_to_next(&main_sp);
  current = nullptr;
  if (stop == Stop::blocked) {
    bool polling = false;
    for (unsigned t = 0; t < front.threads; ++t) {
      if (state[t] == kPolling) {
        polling = true;
        state[t] = kReady;
      }
    }
    if (polling) stop = poll();
  }
  return stop;
}

Stop Block::poll() {
  if (preempted) {
    preempted = false;
    if (poll_rounds < kMostPollRounds / 2) ++poll_rounds;  // never taken for a deadlock
    if (preemptions > kPatientPreemptions && poll_rounds < kPatientRounds) poll_rounds = kPatientRounds;
    return Stop::polling;
  }
  if (poll_rounds++ == 0) polling_since_s = now_s();
  if (poll_rounds < kMostPollRounds) return Stop::polling;
  if (grid->workers > 1 && now_s() - polling_since_s < kMostPollSeconds) {
    std::this_thread::yield();
    return Stop::polling;
  }
  return Stop::blocked;
}

// The first frame of every fibre: runs its thread, then on the same stack those that have not begun.
void Block::entry() {
  for (;;) {
    Block& b = *current;
    try {
      b.running = true;
      b.grid->body(b.grid->argument);
      b.running = false;
      std::atomic_signal_fence(std::memory_order_seq_cst);
    } catch (...) {
      b.running = false;
      std::atomic_signal_fence(std::memory_order_seq_cst);
      b.grid->fail(std::current_exception());
      b.stop = Stop::failed;
      void* unused = nullptr;
      harness_cuda_switch(&unused, b.main_sp);
    }
    const unsigned me = b.front.thread;
    b.retire(me);
    const int next = b.pick();
    if (next >= 0 && b.state[next] == kUnborn) {
      b.stack[next] = b.stack[me];
      b.state[next] = kReady;
      b.enter(static_cast<unsigned>(next));
      continue;
    }
    // Nobody takes this stack before the switch is over: all of it happens on one OS thread.
    b.worker->stacks.give_back(b.stack[me]);
    void* unused = nullptr;
    if (next < 0) {
      b.stop = b.alive ? Stop::blocked : Stop::finished;
      harness_cuda_switch(&unused, b.main_sp);
    }
    b.enter(static_cast<unsigned>(next));
    harness_cuda_switch(&unused, b.sp[next]);
  }
}

void Block::finish_thread() {
  running = false;
  const unsigned me = front.thread;
  retire(me);
  worker->stacks.give_back(stack[me]);
  void* unused = nullptr;
  switch_to_next(&unused);
  __builtin_unreachable();
}

void Block::retire(unsigned thread) {
  check_thread_ends(*this);
  state[thread] = kDone;
  --alive;
  poll_rounds = 0;
  Warp& warp = warp_of(thread);
  warp.alive &= ~(1u << (thread & 31));
  for (auto& meeting : warp.meetings) {
    if (meeting->arrived) complete(warp, *meeting);
  }
  left(thread);
  if (waiting && waiting == alive) complete_barrier();
}

void Block::left(unsigned thread) {
  Warp& warp = warp_of(thread);
  if (warp.converging) converge(warp);
}

void Block::abandon() {
  for (unsigned t = 0; t < front.threads; ++t) {
    if (state[t] != kUnborn && state[t] != kDone) worker->stacks.give_back(stack[t]);
    state[t] = kDone;
  }
  alive = 0;
}

}  // namespace harness_cuda
