// Loads and stores with cache hints, address spaces, and the asynchronous copies of cuda_pipeline.h.
// Hints change no value, so each is a plain access, which the checks see.
#pragma once
#include <cstring>
#include "core.h"
#include "vector.h"

#define HARNESS_LOAD(NAME) \
  template <class T> HARNESS_HERE T NAME(const T* p) { return *p; }
HARNESS_LOAD(__ldg)
HARNESS_LOAD(__ldca)
HARNESS_LOAD(__ldcg)
HARNESS_LOAD(__ldcs)
HARNESS_LOAD(__ldlu)
HARNESS_LOAD(__ldcv)
#undef HARNESS_LOAD
#define HARNESS_STORE(NAME) \
  template <class T> HARNESS_HERE void NAME(T* p, std::type_identity_t<T> v) { *p = v; }
HARNESS_STORE(__stwb)
HARNESS_STORE(__stcg)
HARNESS_STORE(__stcs)
HARNESS_STORE(__stwt)
#undef HARNESS_STORE

namespace harness_cuda {
// Shared addresses of 32 bits, as PTX has them: offsets in the block's arena, plus one page so that 0 is no address.
inline constexpr uint32_t kSharedWindow = 4096;
HARNESS_HERE uint64_t shared_address(const void* p) {
  return uint64_t(static_cast<const char*>(p) - front().arena) + kSharedWindow;
}
HARNESS_HERE char* shared_pointer(uint64_t address) { return front().arena + (address - kSharedWindow); }
}  // namespace harness_cuda

HARNESS_HERE unsigned __isShared(const void* p) { return harness_cuda::is_shared(p); }
HARNESS_HERE unsigned __isGlobal(const void* p) { return !harness_cuda::is_shared(p); }
HARNESS_HERE unsigned __isConstant(const void*) { return 0; }
HARNESS_HERE unsigned __isLocal(const void*) { return 0; }
HARNESS_HERE unsigned __isGridConstant(const void*) { return 0; }
HARNESS_HERE size_t __cvta_generic_to_shared(const void* p) { return harness_cuda::shared_address(p); }
HARNESS_HERE void* __cvta_shared_to_generic(size_t address) { return harness_cuda::shared_pointer(address); }
HARNESS_HERE size_t __cvta_generic_to_global(const void* p) { return reinterpret_cast<size_t>(p); }
HARNESS_HERE void* __cvta_global_to_generic(size_t address) { return reinterpret_cast<void*>(address); }
HARNESS_HERE size_t __cvta_generic_to_constant(const void* p) { return reinterpret_cast<size_t>(p); }
HARNESS_HERE size_t __cvta_generic_to_local(const void* p) { return reinterpret_cast<size_t>(p); }

namespace harness_cuda {
// One cp.async: `filled` of the last bytes are zero. Global and shared side must be aligned to the size.
HARNESS_HERE void copy_async(void* to, const void* from, size_t bytes, size_t filled, const void* place = nullptr) {
  check_read(from, bytes - filled, place);
  check_write(to, bytes, place);
  __builtin_memcpy(to, from, bytes - filled);
  __builtin_memset(static_cast<char*>(to) + (bytes - filled), 0, filled);
}
}  // namespace harness_cuda
HARNESS_HERE void __pipeline_memcpy_async(void* to, const void* from, size_t bytes, size_t zero_fill = 0) {
  if (bytes != 4 && bytes != 8 && bytes != 16) harness_cuda::trap("__pipeline_memcpy_async of a size other than 4, 8 or 16");
  harness_cuda::copy_async(to, from, bytes, zero_fill);
}
HARNESS_HERE void __pipeline_commit() {}
HARNESS_HERE void __pipeline_wait_prior(size_t) {}
