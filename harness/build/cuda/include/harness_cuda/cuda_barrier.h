// cuda::barrier, cuda::pipeline and cuda::memcpy_async. A copy is done when it is issued; what is waited for is the others.
#pragma once
#include "cuda_atomic.h"
#include "groups_collect.h"
#include "phases.h"

namespace cuda {
template <thread_scope Scope = thread_scope_system>
class barrier {
 public:
  using arrival_token = uint32_t;
  barrier() = default;  // in shared memory: `init` gives it its count
  explicit barrier(ptrdiff_t expected) { start(uint32_t(expected)); }
  void start(uint32_t expected) { harness_cuda::phase_begin(&state_, expected); }
  arrival_token arrive(ptrdiff_t count = 1) { return harness_cuda::phase_arrive(&state_, uint32_t(count)); }
  void wait(arrival_token phase) const { harness_cuda::phase_wait(&state_, phase); }
  bool try_wait(arrival_token phase) const { return harness_cuda::phase_over(&state_, phase); }
  void wait_parity(bool parity) const {
    while ((state_.phase & 1) == uint32_t(parity)) harness_cuda::relax();
  }
  void arrive_and_wait() { wait(arrive()); }
  void arrive_and_drop() { harness_cuda::phase_arrive(&state_, 1, 1); }

 private:
  harness_cuda::PhaseBarrier state_;
};
template <thread_scope Scope>
HARNESS_HERE void init(barrier<Scope>* b, ptrdiff_t expected) { b->start(uint32_t(expected)); }

template <thread_scope Scope, unsigned Stages>
struct pipeline_shared_state {
  uint32_t commits[Stages], releases[Stages];  // counted over all rounds
};
template <thread_scope Scope>
class pipeline {
 public:
  pipeline() = default;  // of one thread: nobody to wait for
  pipeline(uint32_t threads, uint32_t* commits, uint32_t* releases, unsigned stages)
      : threads_(threads), commits_(commits), releases_(releases), stages_(stages) {}
  HARNESS_HERE void producer_acquire() {
    if (threads_ && produced_ >= stages_) await(releases_, produced_ - stages_);
  }
  HARNESS_HERE void producer_commit() {
    if (threads_) harness_cuda::round_arrive(&commits_[produced_ % stages_], threads_);
    ++produced_;
  }
  HARNESS_HERE void consumer_wait() {
    if (threads_) await(commits_, consumed_);
  }
  HARNESS_HERE void consumer_release() {
    if (threads_) harness_cuda::round_arrive(&releases_[consumed_ % stages_], threads_);
    ++consumed_;
  }
  bool quit() { return true; }

 private:
  void await(uint32_t* counts, unsigned stage) { harness_cuda::round_wait(&counts[stage % stages_], threads_ * (stage / stages_ + 1)); }
  uint32_t threads_ = 0;
  uint32_t *commits_ = nullptr, *releases_ = nullptr;
  unsigned stages_ = 1, produced_ = 0, consumed_ = 0;
};
HARNESS_HERE pipeline<thread_scope_thread> make_pipeline() { return {}; }
template <class Group, thread_scope Scope, unsigned Stages>
HARNESS_HERE pipeline<Scope> make_pipeline(const Group& group, pipeline_shared_state<Scope, Stages>* state) {
  group.sync();
  if (group.thread_rank() == 0) {
    for (unsigned i = 0; i < Stages; ++i) state->commits[i] = state->releases[i] = 0;
  }
  group.sync();
  return {uint32_t(group.size()), state->commits, state->releases, Stages};
}
enum class pipeline_role { producer, consumer };
template <class Group, thread_scope Scope, unsigned Stages, class Role>
HARNESS_HERE pipeline<Scope> make_pipeline(const Group&, pipeline_shared_state<Scope, Stages>*, Role) {
  harness_cuda::refuse("cuda::pipeline with producer and consumer roles");
}
template <uint8_t Prior, thread_scope Scope>
HARNESS_HERE void pipeline_consumer_wait_prior(pipeline<Scope>& p) { p.consumer_wait(); }

template <class T, class Sync>
HARNESS_HERE void memcpy_async(T* to, const T* from, size_t bytes, Sync&) {
  for (size_t i = 0; i < bytes / sizeof(T); ++i) to[i] = from[i];
}
template <class Sync>
HARNESS_HERE void memcpy_async(void* to, const void* from, size_t bytes, Sync&) {
  for (size_t i = 0; i < bytes; ++i) static_cast<char*>(to)[i] = static_cast<const char*>(from)[i];
}
template <class Group, class T, class Sync>
HARNESS_HERE void memcpy_async(const Group& group, T* to, const T* from, size_t bytes, Sync&) {
  cooperative_groups::memcpy_async(group, to, from, bytes);
}
}  // namespace cuda
