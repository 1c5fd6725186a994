#include "fibre.h"

#include <sys/mman.h>

#include <new>

#if defined(__x86_64__)
asm(R"(
.text
.globl harness_cuda_switch
.hidden harness_cuda_switch
.type harness_cuda_switch,@function
harness_cuda_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp,(%rdi)
  movq %rsi,%rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size harness_cuda_switch,.-harness_cuda_switch
)");
#elif defined(__aarch64__)
asm(R"(
.text
.globl harness_cuda_switch
.hidden harness_cuda_switch
.type harness_cuda_switch,%function
harness_cuda_switch:
  sub sp, sp, #160
  stp x19, x20, [sp, #0]
  stp x21, x22, [sp, #16]
  stp x23, x24, [sp, #32]
  stp x25, x26, [sp, #48]
  stp x27, x28, [sp, #64]
  stp x29, x30, [sp, #80]
  stp d8, d9, [sp, #96]
  stp d10, d11, [sp, #112]
  stp d12, d13, [sp, #128]
  stp d14, d15, [sp, #144]
  mov x9, sp
  str x9, [x0]
  mov sp, x1
  ldp x19, x20, [sp, #0]
  ldp x21, x22, [sp, #16]
  ldp x23, x24, [sp, #32]
  ldp x25, x26, [sp, #48]
  ldp x27, x28, [sp, #64]
  ldp x29, x30, [sp, #80]
  ldp d8, d9, [sp, #96]
  ldp d10, d11, [sp, #112]
  ldp d12, d13, [sp, #128]
  ldp d14, d15, [sp, #144]
  add sp, sp, #160
  ret
.size harness_cuda_switch,.-harness_cuda_switch
)");
#else
#error "the emulation has a context switch for x86-64 and aarch64 only"
#endif

namespace harness_cuda {
namespace {

constexpr size_t kPerSlab = 64;
constexpr size_t kPitch = kStackBytes + kGuardBytes;
// Stacks whose tops lay at one offset would share a few sets of the cache between hundreds of fibres.
constexpr size_t kColours = 16, kColourBytes = 256;

}  // namespace

void Stacks::map_slab() {
  const size_t bytes = kPerSlab * kPitch;
  void* base = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (base == MAP_FAILED) throw std::bad_alloc();
  slabs_.push_back({static_cast<char*>(base), bytes});
  for (size_t i = kPerSlab; i-- > 0;) {
    char* guard = static_cast<char*>(base) + i * kPitch;
    mprotect(guard, kGuardBytes, PROT_NONE);
    free_.push_back(guard + kGuardBytes);
  }
}

Stacks::~Stacks() {
  for (const Slab& slab : slabs_) munmap(slab.base, slab.bytes);
}

char* Stacks::take() {
  if (free_.empty()) map_slab();
  char* stack = free_.back();
  free_.pop_back();
  return stack;
}

bool Stacks::holds(const void* address) const {
  for (const Slab& slab : slabs_) {
    if (static_cast<size_t>(static_cast<const char*>(address) - slab.base) < slab.bytes) return true;
  }
  return false;
}

void* prepare(char* stack, void (*entry)()) {
  const size_t colour = reinterpret_cast<uintptr_t>(stack) / kPitch % kColours * kColourBytes;
  void** top = reinterpret_cast<void**>(stack + kStackBytes - 64 - colour);
#if defined(__x86_64__)
  *--top = nullptr;  // where a return address would be; keeps the alignment that a call leaves
  *--top = reinterpret_cast<void*>(entry);
  for (int i = 0; i < 6; ++i) *--top = nullptr;
#else
  top -= 20;
  for (int i = 0; i < 20; ++i) top[i] = nullptr;
  top[11] = reinterpret_cast<void*>(entry);  // x30
#endif
  return top;
}

}  // namespace harness_cuda
