// cuda::barrier, cuda::pipeline and cuda::memcpy_async. A copy is done when it is issued; what is waited for is the others.
#pragma once
#include "cuda_atomic.h"
#include "groups_collect.h"

namespace cuda {
template <thread_scope Scope = thread_scope_system>
class barrier {
 public:
  using arrival_token = uint32_t;
  barrier() = default;  // in shared memory: `init` gives it its count
  explicit barrier(ptrdiff_t expected) { start(uint32_t(expected)); }
  void start(uint32_t expected) {
    expected_ = left_ = expected;
    phase_ = 0;
  }
  arrival_token arrive(ptrdiff_t count = 1) {
    const uint32_t phase = atomic_operations<uint32_t>(&phase_).load();
    if (atomic_operations<uint32_t>(&left_).fetch_sub(uint32_t(count)) == uint32_t(count)) {
      left().store(expected().load());
      atomic_operations<uint32_t>(&phase_).fetch_add(1);
    }
    return phase;
  }
  void wait(arrival_token phase) const {
    while (atomic_operations<uint32_t>(const_cast<uint32_t*>(&phase_)).load() == phase) harness_cuda::relax();
  }
  bool try_wait(arrival_token phase) const { return atomic_operations<uint32_t>(const_cast<uint32_t*>(&phase_)).load() != phase; }
  void wait_parity(bool parity) const {
    while ((atomic_operations<uint32_t>(const_cast<uint32_t*>(&phase_)).load() & 1) == uint32_t(parity)) harness_cuda::relax();
  }
  void arrive_and_wait() { wait(arrive()); }
  void arrive_and_drop() {
    expected().fetch_sub(1);
    arrive();
  }

 private:
  atomic_operations<uint32_t> left() { return atomic_operations<uint32_t>(&left_); }
  atomic_operations<uint32_t> expected() { return atomic_operations<uint32_t>(&expected_); }
  uint32_t expected_, left_, phase_;
};
template <thread_scope Scope>
inline void init(barrier<Scope>* b, ptrdiff_t expected) { b->start(uint32_t(expected)); }

template <thread_scope Scope, unsigned Stages>
struct pipeline_shared_state {
  uint32_t threads, commits[Stages], releases[Stages];  // counted over all rounds
};
template <thread_scope Scope>
class pipeline {
 public:
  pipeline() = default;  // of one thread: nobody to wait for
  pipeline(uint32_t* threads, uint32_t* commits, uint32_t* releases, unsigned stages)
      : threads_(threads), commits_(commits), releases_(releases), stages_(stages) {}
  void producer_acquire() {
    if (threads_ && produced_ >= stages_) await(releases_, produced_ - stages_);
  }
  void producer_commit() {
    if (threads_) atomic_operations<uint32_t>(&commits_[produced_ % stages_]).fetch_add(1);
    ++produced_;
  }
  void consumer_wait() {
    if (threads_) await(commits_, consumed_);
  }
  void consumer_release() {
    if (threads_) atomic_operations<uint32_t>(&releases_[consumed_ % stages_]).fetch_add(1);
    ++consumed_;
  }
  bool quit() { return true; }

 private:
  void await(uint32_t* counts, unsigned stage) {
    const uint32_t wanted = *threads_ * (stage / stages_ + 1);
    while (atomic_operations<uint32_t>(&counts[stage % stages_]).load() < wanted) harness_cuda::relax();
  }
  uint32_t *threads_ = nullptr, *commits_ = nullptr, *releases_ = nullptr;
  unsigned stages_ = 1, produced_ = 0, consumed_ = 0;
};
inline pipeline<thread_scope_thread> make_pipeline() { return {}; }
template <class Group, thread_scope Scope, unsigned Stages>
inline pipeline<Scope> make_pipeline(const Group& group, pipeline_shared_state<Scope, Stages>* state) {
  group.sync();
  if (group.thread_rank() == 0) {
    state->threads = uint32_t(group.size());
    for (unsigned i = 0; i < Stages; ++i) state->commits[i] = state->releases[i] = 0;
  }
  group.sync();
  return {&state->threads, state->commits, state->releases, Stages};
}
enum class pipeline_role { producer, consumer };
template <class Group, thread_scope Scope, unsigned Stages, class Role>
inline pipeline<Scope> make_pipeline(const Group&, pipeline_shared_state<Scope, Stages>*, Role) {
  harness_cuda::refuse("cuda::pipeline with producer and consumer roles");
}
template <uint8_t Prior, thread_scope Scope>
inline void pipeline_consumer_wait_prior(pipeline<Scope>& p) { p.consumer_wait(); }

template <class T, class Sync>
inline void memcpy_async(T* to, const T* from, size_t bytes, Sync&) {
  for (size_t i = 0; i < bytes / sizeof(T); ++i) to[i] = from[i];
}
template <class Sync>
inline void memcpy_async(void* to, const void* from, size_t bytes, Sync&) {
  for (size_t i = 0; i < bytes; ++i) static_cast<char*>(to)[i] = static_cast<const char*>(from)[i];
}
template <class Group, class T, class Sync>
inline void memcpy_async(const Group& group, T* to, const T* from, size_t bytes, Sync&) {
  cooperative_groups::memcpy_async(group, to, from, bytes);
}
}  // namespace cuda
