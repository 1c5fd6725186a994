// Cooperative groups: reductions, scans and asynchronous copies.
#pragma once
#include "groups.h"

namespace cooperative_groups {
template <class T = void> struct plus { template <class A> A operator()(const A& a, const A& b) const { return a + b; } };
template <class T = void> struct less { template <class A> A operator()(const A& a, const A& b) const { return b < a ? b : a; } };
template <class T = void> struct greater { template <class A> A operator()(const A& a, const A& b) const { return a < b ? b : a; } };
template <class T = void> struct bit_and { template <class A> A operator()(const A& a, const A& b) const { return a & b; } };
template <class T = void> struct bit_or { template <class A> A operator()(const A& a, const A& b) const { return a | b; } };
template <class T = void> struct bit_xor { template <class A> A operator()(const A& a, const A& b) const { return a ^ b; } };

namespace details {
// Every member's value, by rank.
template <class T, class Group>
HARNESS_HERE unsigned gather(const Group& group, const T& v, T (&values)[32]) {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= 32, "a group's collective takes at most 32 trivially copyable bytes");
  unsigned count = 0;
  for (size_t at = 0; at < sizeof(T); at += 8) {
    const size_t bytes = sizeof(T) - at < 8 ? sizeof(T) - at : 8;
    uint64_t piece = 0;
    __builtin_memcpy(&piece, reinterpret_cast<const char*>(&v) + at, bytes);
    uint32_t arrived;
    const uint64_t* slots = harness_cuda::exchange(group.lanes(), piece, &arrived);
    count = 0;
    for (uint32_t rest = group.lanes() & arrived; rest; rest &= rest - 1)
      __builtin_memcpy(reinterpret_cast<char*>(&values[count++]) + at, &slots[__builtin_ctz(rest)], bytes);
  }
  return count;
}
}  // namespace details

template <class Group, class T, class Op>
HARNESS_HERE T reduce(const Group& group, const T& v, Op&& op) {
  T values[32];
  const unsigned count = details::gather(group, v, values);
  T result = values[0];
  for (unsigned i = 1; i < count; ++i) result = op(result, values[i]);
  return result;
}
template <class Group, class T, class Op>
HARNESS_HERE T inclusive_scan(const Group& group, const T& v, Op&& op) {
  T values[32];
  details::gather(group, v, values);
  T result = values[0];
  for (unsigned i = 1; i <= group.thread_rank(); ++i) result = op(result, values[i]);
  return result;
}
template <class Group, class T>
HARNESS_HERE T inclusive_scan(const Group& group, const T& v) { return inclusive_scan(group, v, plus<T>()); }
// Rank 0 gets a value of zero.
template <class Group, class T, class Op>
HARNESS_HERE T exclusive_scan(const Group& group, const T& v, Op&& op) {
  T values[32];
  details::gather(group, v, values);
  const unsigned rank = group.thread_rank();
  if (rank == 0) return T{};
  T result = values[0];
  for (unsigned i = 1; i < rank; ++i) result = op(result, values[i]);
  return result;
}
template <class Group, class T>
HARNESS_HERE T exclusive_scan(const Group& group, const T& v) { return exclusive_scan(group, v, plus<T>()); }
template <class Group, class T, class Atomic, class Op>
HARNESS_HERE void reduce_update_async(const Group& group, Atomic& target, const T& v, Op&& op) {
  const T total = reduce(group, v, op);
  if (group.thread_rank() == 0) target.fetch_add(total);
}

// The members share the copy, element by element: their accesses are checked as their own.
template <class Group, class T>
HARNESS_HERE void memcpy_async(const Group& group, T* to, const T* from, size_t bytes) {
  const size_t step = group.size();
  if (bytes % 4 == 0 && reinterpret_cast<uintptr_t>(to) % 4 == 0 && reinterpret_cast<uintptr_t>(from) % 4 == 0) {
    struct __attribute__((may_alias)) Piece { uint32_t word; };
    for (size_t i = group.thread_rank(); i < bytes / 4; i += step)
      reinterpret_cast<Piece*>(to)[i] = reinterpret_cast<const Piece*>(from)[i];
  } else {
    for (size_t i = group.thread_rank(); i < bytes; i += step) reinterpret_cast<char*>(to)[i] = reinterpret_cast<const char*>(from)[i];
  }
}
template <class Group, class T, class ToLayout, class FromLayout>
HARNESS_HERE void memcpy_async(const Group& group, T* to, const ToLayout& to_bytes, const T* from, const FromLayout& from_bytes) {
  const size_t a = size_t(to_bytes), b = size_t(from_bytes);
  memcpy_async(group, to, from, a < b ? a : b);
}
template <class Group> HARNESS_HERE void wait(const Group& group, int line = __builtin_LINE()) { sync(group, line); }
template <unsigned Stages, class Group> HARNESS_HERE void wait_prior(const Group& group, int line = __builtin_LINE()) { sync(group, line); }
}  // namespace cooperative_groups
