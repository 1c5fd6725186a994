// What `kernel<<<grid, block, shared, stream>>>(...)` becomes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <type_traits>

#include "harness_cuda/index.h"
#include "harness_cuda/page.h"

namespace harness_cuda HARNESS_CUDA_LOCAL {

// What stops a launch; the message is for people.
struct __attribute__((visibility("default"))) Error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Configuration {
  dim3 grid, block;
  size_t shared;
  bool cooperative = false;
  Configuration(dim3 grid_, dim3 block_, size_t shared_ = 0) : grid(grid_), block(block_), shared(shared_) {}
  template <class Stream>
  Configuration(dim3 grid_, dim3 block_, size_t shared_, Stream&&) : Configuration(grid_, block_, shared_) {}
};

using Body = void (*)(void*);
// Runs `body(argument)` once per thread. Returns when all have ended.
void run_grid(const char* kernel, const Configuration& configuration, Body body, void* argument);

template <class F>
inline void launch(const char* kernel, const Configuration& configuration, F&& function) {
  using Function = std::remove_reference_t<F>;
  run_grid(
      kernel, configuration, [](void* f) { (*static_cast<Function*>(f))(); },
      const_cast<void*>(static_cast<const void*>(std::addressof(function))));
}

// cudaError_t values that a launch leaves behind; taken by cudaGetLastError.
enum LaunchError : int {
  kNoError = 0,
  kInvalidValue = 1,
  kInvalidConfiguration = 9,
  kInvalidDevicePointer = 17,
  kCooperativeTooLarge = 720,
};
int& last_error();

// cudaFuncSetAttribute(MaxDynamicSharedMemorySize): how much later launches may ask for. False: more than the chip has.
bool allow_dynamic_shared(size_t bytes);

const Options& options();

// cudaMalloc and its like tell the checks what a kernel may touch.
void register_memory(const void* address, size_t bytes);
void forget_memory(const void* address);

// Adds a finding at the running thread (or, in host code, at no thread).
void report(Kind kind, const char* detail, int line = 0);

}  // namespace harness_cuda

extern "C" {
// Gives the library the page; `library` tells the libraries of one worker apart.
__attribute__((visibility("default"))) void harness_cuda_attach(void* page, uint32_t library);
__attribute__((visibility("default"))) uint64_t harness_cuda_page_bytes(void);
}
