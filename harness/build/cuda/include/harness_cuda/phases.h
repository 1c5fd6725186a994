// Counters that threads arrive at and wait for, apart: what cuda::barrier and cuda::pipeline are made of (runtime/phases.cpp).
#pragma once
#include <cstdint>

namespace harness_cuda {
struct PhaseBarrier {  // lives in the kernel's memory
  uint32_t expected, left, phase;
};
void phase_begin(PhaseBarrier* barrier, uint32_t expected);
// Counts `count` threads as arrived, and gives the phase to wait for. `leaving` threads are expected no more.
uint32_t phase_arrive(PhaseBarrier* barrier, uint32_t count, uint32_t leaving = 0);
bool phase_over(const PhaseBarrier* barrier, uint32_t phase);
void phase_wait(const PhaseBarrier* barrier, uint32_t phase);

// A counter that `threads` threads add one to in each round.
void round_arrive(uint32_t* counter, uint32_t threads);
void round_wait(const uint32_t* counter, uint32_t wanted);
}  // namespace harness_cuda
