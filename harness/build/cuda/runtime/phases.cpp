// Arriving and waiting apart. For the checks the threads that arrived meet where the last one does, as at a named barrier.
#include "block.h"
#include "check.h"
#include "harness_cuda/phases.h"

namespace harness_cuda {
namespace {

// The checks know barriers by number; the upper half of the numbers is shared out by address.
unsigned phase_group(const void* address) { return 8 + unsigned(reinterpret_cast<uintptr_t>(address) / 4 % 8); }
void phase_arrives(const void* address) {
  if (current) check_arrives(*current, phase_group(address));
}
void phase_passes(const void* address) {
  if (current) check_group_passes(*current, phase_group(address));
}

}  // namespace

void phase_begin(PhaseBarrier* barrier, uint32_t expected) { *barrier = {expected, expected, 0}; }

uint32_t phase_arrive(PhaseBarrier* barrier, uint32_t count, uint32_t leaving) {
  phase_arrives(barrier);
  const uint32_t phase = __atomic_load_n(&barrier->phase, __ATOMIC_ACQUIRE);
  if (leaving) __atomic_fetch_sub(&barrier->expected, leaving, __ATOMIC_RELAXED);
  if (__atomic_sub_fetch(&barrier->left, count, __ATOMIC_ACQ_REL) == 0) {
    phase_passes(barrier);
    __atomic_store_n(&barrier->left, barrier->expected, __ATOMIC_RELAXED);
    __atomic_fetch_add(&barrier->phase, 1, __ATOMIC_RELEASE);
  }
  return phase;
}
bool phase_over(const PhaseBarrier* barrier, uint32_t phase) { return __atomic_load_n(&barrier->phase, __ATOMIC_ACQUIRE) != phase; }
void phase_wait(const PhaseBarrier* barrier, uint32_t phase) {
  while (!phase_over(barrier, phase)) relax();
}

void round_arrive(uint32_t* counter, uint32_t threads) {
  phase_arrives(counter);
  if (__atomic_add_fetch(counter, 1, __ATOMIC_ACQ_REL) % threads == 0) phase_passes(counter);
}
void round_wait(const uint32_t* counter, uint32_t wanted) {
  while (__atomic_load_n(counter, __ATOMIC_ACQUIRE) < wanted) relax();
}

}  // namespace harness_cuda
