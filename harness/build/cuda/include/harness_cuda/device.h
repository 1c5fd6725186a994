// What remains of the language in device code: clocks, sleep, traps, assert, printf.
#pragma once
#include <atomic>
#include <cassert>
#include <chrono>
#include <cstdio>
#include <string>
#include "core.h"

inline long long clock64() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}
inline void __nanosleep(unsigned) { harness_cuda::relax(); }
[[noreturn]] inline void __trap() { harness_cuda::trap("__trap() was called"); }
inline void __brkpt() {}
inline void __prof_trigger(int) {}
#define __builtin_assume(condition) static_cast<void>(0)
#define __nv_builtin_assume(condition) static_cast<void>(0)
#define __assume(condition) static_cast<void>(0)

namespace harness_cuda {
[[noreturn]] inline void assert_failed(const char* condition, const char* file, int line) {
  trap(("device-side assert failed: " + std::string(condition) + " (" + file + ":" + std::to_string(line) + ")").c_str());
}
// CUDA's buffer for printf holds 1 MiB; what does not fit is lost.
inline bool may_print() {
  static std::atomic<unsigned> lines{0};
  return !in_kernel() || lines.fetch_add(1, std::memory_order_relaxed) < 10000;
}
}  // namespace harness_cuda

// A better match than C's printf whenever there is something to print.
template <class... T>
inline int printf(const char* format, T... values) {
  if (!harness_cuda::may_print()) return -1;
  return std::fprintf(stdout, format, values...);
}

#ifndef NDEBUG
#undef assert
#define assert(condition) \
  ((condition) ? static_cast<void>(0) : ::harness_cuda::assert_failed(#condition, __FILE__, __LINE__))
#endif
