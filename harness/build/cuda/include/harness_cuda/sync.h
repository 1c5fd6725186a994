// How threads of a block meet: barriers, warp operations, polls. Implemented in runtime/.
#pragma once

#include <cstddef>
#include <cstdint>

#include "harness_cuda/index.h"

namespace harness_cuda HARNESS_CUDA_LOCAL {

enum class Barrier : uint32_t { plain, count, conjunction, disjunction };

// __syncthreads and its variants. `line` tells one barrier of the source from another.
int barrier(Barrier kind = Barrier::plain, int predicate = 0, int line = __builtin_LINE());

// bar.sync id, threads: `threads` threads of the block meet at barrier `id` (0 to 15); 0 means all.
void group_barrier(unsigned id, unsigned threads, int line = __builtin_LINE());

// bar.arrive id, threads: counts as arrived and goes on.
void group_arrive(unsigned id, unsigned threads);

// All threads of all blocks meet. Blocks of a cooperative launch are all resident.
void grid_barrier(int line = __builtin_LINE());

// Every lane of `mask` deposits 8 bytes and sees the 32 slots of this meeting. A lane that has exited does not count;
// `arrived` says who deposited. What is returned is valid until the lane's next warp operation.
const uint64_t* exchange(uint32_t mask, uint64_t value, uint32_t* arrived = nullptr);

// __syncwarp.
void warp_barrier(uint32_t mask);

// __activemask: the lanes that come to this line together. The emulation runs lanes one after another, so it waits until
// each other lane of the warp has come here too, waits elsewhere, or has exited: the most that can converge.
uint32_t active_mask(int line = __builtin_LINE());

// To be called by a shuffle that takes the value of a lane that did not deposit one: its result is undefined on a GPU.
void absent_lane(uint32_t mask, unsigned lane);

// Called by an atomic before it touches memory: checks, counts, and lets others run where a thread seems to wait for them.
void atomic_access(const volatile void* address, size_t bytes);

// The same for a plain load or store that is meant to be seen by other threads, such as ld.acquire or cuda::atomic's.
void atomic_load(const volatile void* address, size_t bytes);
void atomic_store(const volatile void* address, size_t bytes);

// __threadfence, __threadfence_block and __threadfence_system.
void fence();

// Lets other threads run: __nanosleep and the body of a loop that polls.
void relax();

// __trap and a failed assert: ends the launch with an exception.
[[noreturn]] void trap(const char* what);

// Ends the build's or the launch's attempt to use what does not exist here: «uses <feature>, which the emulation does not
// have».
[[noreturn]] void refuse(const char* feature);

// Memory operations of the runtime's own API on behalf of a kernel (memcpy in device code, cp.async): checked as accesses. They
// are the caller's, or those of the code that will be returned to at `place`.
void check_read(const void* address, size_t bytes, const void* place = nullptr);
void check_write(void* address, size_t bytes, const void* place = nullptr);

}  // namespace harness_cuda
