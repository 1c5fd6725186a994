// cuda::atomic and cuda::atomic_ref of every scope.
#pragma once
#include <atomic>
#include "atomics.h"
#include "cuda_std.h"

namespace cuda {
enum thread_scope { thread_scope_system, thread_scope_device, thread_scope_block, thread_scope_thread };
using ::std::memory_order;
using ::std::memory_order_acq_rel;
using ::std::memory_order_acquire;
using ::std::memory_order_consume;
using ::std::memory_order_relaxed;
using ::std::memory_order_release;
using ::std::memory_order_seq_cst;
inline void atomic_thread_fence(memory_order, thread_scope = thread_scope_system) { harness_cuda::fence(); }

// Each operation is as strong as the strongest order; `p` is where the value lives.
template <class T>
class atomic_operations {
 public:
  explicit atomic_operations(T* p) : p_(p) {}
  HARNESS_HERE T load(memory_order = memory_order_seq_cst) const {
    harness_cuda::atomic_load(p_, sizeof(T));
    return harness_cuda::bit_cast<T>(__atomic_load_n(word(), __ATOMIC_SEQ_CST));
  }
  HARNESS_HERE void store(T v, memory_order = memory_order_seq_cst) const {
    harness_cuda::atomic_store(p_, sizeof(T));
    __atomic_store_n(word(), harness_cuda::bit_cast<harness_cuda::Word<T>>(v), __ATOMIC_SEQ_CST);
  }
  HARNESS_HERE T exchange(T v, memory_order = memory_order_seq_cst) const { return harness_cuda::atomic_exchange(p_, v); }
  HARNESS_HERE bool compare_exchange_strong(T& expected, T v, memory_order = memory_order_seq_cst, memory_order = memory_order_seq_cst) const {
    const T wanted = expected;
    expected = harness_cuda::atomic_compare(p_, wanted, v);
    return harness_cuda::bit_cast<harness_cuda::Word<T>>(expected) == harness_cuda::bit_cast<harness_cuda::Word<T>>(wanted);
  }
  HARNESS_HERE bool compare_exchange_weak(T& expected, T v, memory_order = memory_order_seq_cst, memory_order = memory_order_seq_cst) const {
    return compare_exchange_strong(expected, v);
  }
#define HARNESS_FETCH(NAME, EXPRESSION) \
  HARNESS_HERE T NAME(T v, memory_order = memory_order_seq_cst) const { return harness_cuda::atomic_update(p_, [v](T old) { return T(EXPRESSION); }); }
  HARNESS_FETCH(fetch_add, old + v)
  HARNESS_FETCH(fetch_sub, old - v)
  HARNESS_FETCH(fetch_and, old & v)
  HARNESS_FETCH(fetch_or, old | v)
  HARNESS_FETCH(fetch_xor, old ^ v)
  HARNESS_FETCH(fetch_max, old < v ? v : old)
  HARNESS_FETCH(fetch_min, v < old ? v : old)
#undef HARNESS_FETCH
  HARNESS_HERE T operator++() const { return T(fetch_add(T(1)) + T(1)); }
  HARNESS_HERE T operator++(int) const { return fetch_add(T(1)); }
  HARNESS_HERE T operator--() const { return T(fetch_sub(T(1)) - T(1)); }
  HARNESS_HERE T operator--(int) const { return fetch_sub(T(1)); }
  HARNESS_HERE T operator+=(T v) const { return T(fetch_add(v) + v); }
  HARNESS_HERE T operator-=(T v) const { return T(fetch_sub(v) - v); }
  HARNESS_HERE operator T() const { return load(); }
  HARNESS_HERE void wait(T old, memory_order = memory_order_seq_cst) const {
    while (harness_cuda::bit_cast<harness_cuda::Word<T>>(load()) == harness_cuda::bit_cast<harness_cuda::Word<T>>(old)) harness_cuda::relax();
  }
  HARNESS_HERE void notify_one() const {}
  HARNESS_HERE void notify_all() const {}

 private:
  auto* word() const { return reinterpret_cast<harness_cuda::Word<T>*>(p_); }
  T* p_;
};

template <class T, thread_scope Scope = thread_scope_system>
class atomic_ref : public atomic_operations<T> {
 public:
  explicit atomic_ref(T& v) : atomic_operations<T>(&v) {}
  HARNESS_HERE T operator=(T v) const { return this->store(v), v; }
};
// The value stands alone, as in CUDA, so that memory can be looked at as an atomic.
template <class T, thread_scope Scope = thread_scope_system>
class atomic {
 public:
  atomic() = default;
  constexpr atomic(T v) : value_(v) {}
  atomic(const atomic&) = delete;
  HARNESS_HERE T operator=(T v) { return store(v), v; }
  HARNESS_HERE operator T() const { return load(); }
  HARNESS_HERE T load(memory_order o = memory_order_seq_cst) const { return on().load(o); }
  HARNESS_HERE void store(T v, memory_order o = memory_order_seq_cst) { on().store(v, o); }
  HARNESS_HERE T exchange(T v, memory_order = memory_order_seq_cst) { return on().exchange(v); }
  template <class... Order> HARNESS_HERE bool compare_exchange_strong(T& expected, T v, Order...) { return on().compare_exchange_strong(expected, v); }
  template <class... Order> HARNESS_HERE bool compare_exchange_weak(T& expected, T v, Order...) { return on().compare_exchange_strong(expected, v); }
  HARNESS_HERE T fetch_add(T v, memory_order = memory_order_seq_cst) { return on().fetch_add(v); }
  HARNESS_HERE T fetch_sub(T v, memory_order = memory_order_seq_cst) { return on().fetch_sub(v); }
  HARNESS_HERE T fetch_and(T v, memory_order = memory_order_seq_cst) { return on().fetch_and(v); }
  HARNESS_HERE T fetch_or(T v, memory_order = memory_order_seq_cst) { return on().fetch_or(v); }
  HARNESS_HERE T fetch_xor(T v, memory_order = memory_order_seq_cst) { return on().fetch_xor(v); }
  HARNESS_HERE T fetch_max(T v, memory_order = memory_order_seq_cst) { return on().fetch_max(v); }
  HARNESS_HERE T fetch_min(T v, memory_order = memory_order_seq_cst) { return on().fetch_min(v); }
  HARNESS_HERE T operator++() { return ++on(); }
  HARNESS_HERE T operator++(int) { return on()++; }
  HARNESS_HERE T operator--() { return --on(); }
  HARNESS_HERE T operator--(int) { return on()--; }
  HARNESS_HERE T operator+=(T v) { return on() += v; }
  HARNESS_HERE T operator-=(T v) { return on() -= v; }
  HARNESS_HERE void wait(T old, memory_order = memory_order_seq_cst) const { on().wait(old); }
  HARNESS_HERE void notify_one() {}
  HARNESS_HERE void notify_all() {}

 private:
  atomic_operations<T> on() const { return atomic_operations<T>(const_cast<T*>(&value_)); }
  T value_;
};
namespace std {
template <class T> using atomic = ::cuda::atomic<T>;
template <class T> using atomic_ref = ::cuda::atomic_ref<T>;
}  // namespace std
}  // namespace cuda
