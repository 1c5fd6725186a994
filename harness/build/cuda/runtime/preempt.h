// Takes the processor from a CUDA thread that has run for long: it may be waiting for memory that another is to change.
#pragma once

#include <time.h>

namespace harness_cuda {

// A timer of this OS thread's processor time. While it is armed, a thread of the running block that does not come back for
// some milliseconds steps behind the others.
class Timer {
 public:
  Timer() = default;
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer();
  void arm();
  void disarm();

 private:
  void set(long first_ns, long next_ns);
  timer_t id_{};
  bool made_ = false, works_ = false;
};

}  // namespace harness_cuda
