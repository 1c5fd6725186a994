// What the compiler calls: before each memory access (-fsanitize=thread), at each basic block (-fsanitize-coverage=trace-pc)
// and where a pointer is not aligned for its type (-fsanitize=alignment). The libraries of the sanitizers are not linked.
//
// Names and arguments: gcc/tsan.cc and gcc/sanitizer.def, compiler-rt's tsan_interface.h, ubsan_handlers.h.
#include <atomic>
#include <cstdio>

#include "check.h"
#include "grid.h"
#include "watch.h"

#define HOOK extern "C" __attribute__((visibility("hidden"), used))
#define CALLER reinterpret_cast<uintptr_t>(__builtin_return_address(0))

namespace harness_cuda {
namespace {

inline void plain(const volatile void* address, size_t bytes, bool write, uintptr_t pc) {
  watch(reinterpret_cast<uintptr_t>(address), bytes, write ? Access::write : Access::read, pc);
}

inline void marked(const volatile void* address, size_t bytes, bool write, uintptr_t pc) {
  Block* b = current;
  if (!b || !b->running) return;
  if (!write) b->note_poll(address);  // first: what others do meanwhile is seen by this access
  watch(reinterpret_cast<uintptr_t>(address), bytes, write ? Access::flag_write : Access::flag_read, pc);
}

}  // namespace

void check_atomic(Block&, const volatile void* address, size_t bytes, uintptr_t pc) {
  watch(reinterpret_cast<uintptr_t>(address), bytes, Access::atomic, pc);
  if (checker.counting) count_atomic(*current);
}
void atomic_load(const volatile void* address, size_t bytes) { marked(address, bytes, false, CALLER); }
void atomic_store(const volatile void* address, size_t bytes) { marked(address, bytes, true, CALLER); }
void check_read(const void* address, size_t bytes, const void* place) {
  if (bytes) plain(address, bytes, false, place ? reinterpret_cast<uintptr_t>(place) : CALLER);
}
void check_write(void* address, size_t bytes, const void* place) {
  if (bytes) plain(address, bytes, true, place ? reinterpret_cast<uintptr_t>(place) : CALLER);
}

namespace {

// libubsan's records of a place and a type.
struct TypeDescriptor {
  uint16_t kind, info;
  char name[1];
};
struct TypeMismatch {
  const char* file;
  uint32_t line, column;
  const TypeDescriptor* type;
  unsigned char log_alignment, check_kind;
};

void misaligned(const TypeMismatch& data, uintptr_t pointer, uintptr_t pc) {
  Block* b = current;
  if (!b || !b->running || !checker.on || !checker.most_accesses) return;
  b->running = false;
  char detail[sizeof(Finding::detail)];
  std::snprintf(detail, sizeof detail, "an access of type %.80s, which must lie at a multiple of %u bytes, is %u bytes off it",
                data.type->name, 1u << data.log_alignment,
                static_cast<unsigned>(pointer & ((uintptr_t(1) << data.log_alignment) - 1)));
  add_finding(finding_here(*b, Kind::misaligned, pc, detail));
  b->finish_thread();
}

}  // namespace
}  // namespace harness_cuda

using namespace harness_cuda;

#define HOOKS_OF_SIZE(N)                                                                                   \
  HOOK void __tsan_read##N(void* p) { plain(p, N, false, CALLER); }                                        \
  HOOK void __tsan_write##N(void* p) { plain(p, N, true, CALLER); }                                        \
  HOOK void __tsan_unaligned_read##N(void* p) { plain(p, N, false, CALLER); }                              \
  HOOK void __tsan_unaligned_write##N(void* p) { plain(p, N, true, CALLER); }                              \
  HOOK void __tsan_volatile_read##N(void* p) { marked(p, N, false, CALLER); }                              \
  HOOK void __tsan_volatile_write##N(void* p) { marked(p, N, true, CALLER); }                              \
  HOOK void __tsan_unaligned_volatile_read##N(void* p) { marked(p, N, false, CALLER); }                    \
  HOOK void __tsan_unaligned_volatile_write##N(void* p) { marked(p, N, true, CALLER); }                    \
  HOOK void __tsan_read_write##N(void* p) { plain(p, N, false, CALLER), plain(p, N, true, CALLER); }       \
  HOOK void __tsan_unaligned_read_write##N(void* p) { plain(p, N, false, CALLER), plain(p, N, true, CALLER); }
HOOKS_OF_SIZE(1)
HOOKS_OF_SIZE(2)
HOOKS_OF_SIZE(4)
HOOKS_OF_SIZE(8)
HOOKS_OF_SIZE(16)

HOOK void __tsan_read_range(void* p, unsigned long bytes) { check_read(p, bytes); }
HOOK void __tsan_write_range(void* p, unsigned long bytes) { check_write(p, bytes); }
HOOK void __tsan_init() {}
HOOK void __tsan_func_entry(void*) {}
HOOK void __tsan_func_exit() {}
HOOK void __tsan_vptr_update(void**, void*) {}
HOOK void __tsan_vptr_read(void**) {}
HOOK void __tsan_ignore_thread_begin() {}
HOOK void __tsan_ignore_thread_end() {}

// Atomics of the language: g++ turns them into calls that have to do the work. What a kernel does atomically it has announced
// by atomic_access before.
#define ATOMIC_HOOKS(BITS, TYPE)                                                                                           \
  HOOK TYPE __tsan_atomic##BITS##_load(const volatile TYPE* p, int) { return __atomic_load_n(p, __ATOMIC_SEQ_CST); }       \
  HOOK void __tsan_atomic##BITS##_store(volatile TYPE* p, TYPE v, int) { __atomic_store_n(p, v, __ATOMIC_SEQ_CST); }       \
  HOOK TYPE __tsan_atomic##BITS##_exchange(volatile TYPE* p, TYPE v, int) {                                                \
    return __atomic_exchange_n(p, v, __ATOMIC_SEQ_CST);                                                                    \
  }                                                                                                                        \
  HOOK TYPE __tsan_atomic##BITS##_fetch_add(volatile TYPE* p, TYPE v, int) {                                               \
    return __atomic_fetch_add(p, v, __ATOMIC_SEQ_CST);                                                                     \
  }                                                                                                                        \
  HOOK TYPE __tsan_atomic##BITS##_fetch_sub(volatile TYPE* p, TYPE v, int) {                                               \
    return __atomic_fetch_sub(p, v, __ATOMIC_SEQ_CST);                                                                     \
  }                                                                                                                        \
  HOOK TYPE __tsan_atomic##BITS##_fetch_and(volatile TYPE* p, TYPE v, int) {                                               \
    return __atomic_fetch_and(p, v, __ATOMIC_SEQ_CST);                                                                     \
  }                                                                                                                        \
  HOOK TYPE __tsan_atomic##BITS##_fetch_or(volatile TYPE* p, TYPE v, int) {                                                \
    return __atomic_fetch_or(p, v, __ATOMIC_SEQ_CST);                                                                      \
  }                                                                                                                        \
  HOOK TYPE __tsan_atomic##BITS##_fetch_xor(volatile TYPE* p, TYPE v, int) {                                               \
    return __atomic_fetch_xor(p, v, __ATOMIC_SEQ_CST);                                                                     \
  }                                                                                                                        \
  HOOK TYPE __tsan_atomic##BITS##_fetch_nand(volatile TYPE* p, TYPE v, int) {                                              \
    return __atomic_fetch_nand(p, v, __ATOMIC_SEQ_CST);                                                                    \
  }                                                                                                                        \
  HOOK int __tsan_atomic##BITS##_compare_exchange_strong(volatile TYPE* p, TYPE* expected, TYPE v, int, int) {             \
    return __atomic_compare_exchange_n(p, expected, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);                         \
  }                                                                                                                        \
  HOOK int __tsan_atomic##BITS##_compare_exchange_weak(volatile TYPE* p, TYPE* expected, TYPE v, int, int) {               \
    return __atomic_compare_exchange_n(p, expected, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);                         \
  }                                                                                                                        \
  HOOK TYPE __tsan_atomic##BITS##_compare_exchange_val(volatile TYPE* p, TYPE expected, TYPE v, int, int) {                \
    __atomic_compare_exchange_n(p, &expected, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);                               \
    return expected;                                                                                                       \
  }
ATOMIC_HOOKS(8, uint8_t)
ATOMIC_HOOKS(16, uint16_t)
ATOMIC_HOOKS(32, uint32_t)
ATOMIC_HOOKS(64, uint64_t)
HOOK void __tsan_atomic_thread_fence(int) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
HOOK void __tsan_atomic_signal_fence(int) {}

HOOK void __ubsan_handle_type_mismatch_v1(void* data, uintptr_t pointer) {
  misaligned(*static_cast<TypeMismatch*>(data), pointer, CALLER);
}
HOOK void __ubsan_handle_type_mismatch_v1_abort(void* data, uintptr_t pointer) {
  misaligned(*static_cast<TypeMismatch*>(data), pointer, CALLER);
}

HOOK void __sanitizer_cov_trace_pc() {
  if (checker.counting && current && current->running) count_basic_block(*current, CALLER);
}
