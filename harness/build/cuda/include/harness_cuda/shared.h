// Shared memory: one arena per block, so that addresses, bank numbers and bounds are real.
#pragma once

#include <cstddef>
#include <cstdint>

#include "harness_cuda/index.h"

namespace harness_cuda HARNESS_CUDA_LOCAL {

// Gives a shared variable its number when the library is loaded.
unsigned declare_shared(size_t bytes, size_t alignment);
// Gives it a place in the running launch's arena, at the first use by any thread.
uint32_t place_shared(unsigned number);

template <class T>
inline T& shared_at(unsigned number) {
  uint32_t offset = front().offset[number];
  if (__builtin_expect(offset == 0, 0)) offset = place_shared(number);
  return *reinterpret_cast<T*>(front().arena + offset);
}

template <class T, int Id>
struct SharedById {
  static inline const unsigned number = declare_shared(sizeof(T), alignof(T));
};
template <class T, class Tag>
struct SharedByTag {
  static inline const unsigned number = declare_shared(sizeof(T), alignof(T));
};

// What `__shared__ T name;` becomes: the same object for all threads of a block.
template <class T, int Id>
inline T& shared_variable() {
  return shared_at<T>(SharedById<T, Id>::number);
}
// The same, told apart by a type: inside a function template a local struct or `decltype([] {})` gives each instantiation
// a variable of its own, as in CUDA; a number cannot.
template <class T, class Tag>
inline T& shared_variable() {
  return shared_at<T>(SharedByTag<T, Tag>::number);
}

// What `extern __shared__ T name[];` becomes.
template <class T>
inline T* dynamic_shared() {
  return reinterpret_cast<T*>(front().dynamic);
}
size_t dynamic_shared_bytes();
size_t static_shared_bytes();  // placed so far
bool is_shared(const void* address);

}  // namespace harness_cuda
