// Which memory a kernel may touch: what the worker's allocator has given out, what cudaMalloc has, device variables, its own
// stack and the launch's arguments.
#include <link.h>
#include <pthread.h>

#include <cstdio>
#include <cstring>
#include <map>

#include "check.h"
#include "grid.h"
#include "watch.h"

namespace harness_cuda {
namespace {

// 1: `address` lies in [*base, *base + *bytes). 0: it lies in nothing; then the nearest allocation below it, or null.
using Owner = int (*)(const void* address, const void** base, size_t* bytes);
Owner owner = nullptr;
std::map<uintptr_t, size_t> registered;

struct Image {
  uintptr_t address, begin = 0;
  size_t bytes = 0;
  bool writable = false, own = false;
};

int look_into(dl_phdr_info* info, size_t, void* argument) {
  Image& image = *static_cast<Image*>(argument);
  bool own = false;
  Image found{image.address};
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const auto& segment = info->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD) continue;
    const uintptr_t begin = info->dlpi_addr + segment.p_vaddr;
    own |= reinterpret_cast<uintptr_t>(&checker) - begin < segment.p_memsz;
    if (image.address - begin >= segment.p_memsz) continue;
    found.begin = begin;
    found.bytes = segment.p_memsz;
    found.writable = segment.p_flags & PF_W;
  }
  if (!found.bytes) return 0;
  found.own = own;
  image = found;
  return 1;
}

// For a process's first thread glibc reads /proc/self/maps, which takes a millisecond.
Range stack_of_this_thread() {
  pthread_attr_t attributes;
  void* base = nullptr;
  size_t bytes = 0;
  if (pthread_getattr_np(pthread_self(), &attributes)) return {};
  pthread_attr_getstack(&attributes, &base, &bytes);
  pthread_attr_destroy(&attributes);
  return {reinterpret_cast<uintptr_t>(base), bytes, false};
}

bool on_this_stack(uintptr_t address, Range& range) {
  thread_local const Range stack = stack_of_this_thread();
  range = stack;
  return address - range.begin < range.bytes;
}

// Memory of the runtime that inline functions of its headers read: slots of a meeting, the block's front, indices.
bool of_the_runtime(const Block& b, uintptr_t address, Range& range) {
  auto within = [&](const void* begin, size_t bytes) {
    range = {reinterpret_cast<uintptr_t>(begin), bytes, false};
    return address - range.begin < bytes;
  };
  if (within(&b, sizeof b) || within(b.grid, sizeof *b.grid) || within(&page(), sizeof(Page))) return true;
  constexpr size_t kLocals = 4096;  // thread-local variables of this library lie around `current`
  range = {reinterpret_cast<uintptr_t>(&current) - kLocals, 2 * kLocals, false};
  if (address - range.begin < range.bytes) return true;
  for (const Warp& warp : b.warps) {
    for (const auto& meeting : warp.meetings) {
      if (within(meeting.get(), sizeof(Meeting))) return true;
    }
  }
  return false;
}

bool of_registered(uintptr_t address, Range& range, uintptr_t& below, size_t& below_bytes) {
  auto after = registered.upper_bound(address);
  if (after == registered.begin()) return false;
  --after;
  if (address - after->first < after->second) {
    range = {after->first, after->second, true};
    return true;
  }
  if (after->first > below) below = after->first, below_bytes = after->second;
  return false;
}

// False: nobody owns it; then what lies closest below it.
bool look_up(const Block& b, uintptr_t address, Range& range, uintptr_t& below, size_t& below_bytes) {
  const void* base = nullptr;
  size_t bytes = 0;
  if (owner && owner(reinterpret_cast<const void*>(address), &base, &bytes)) {
    range = {reinterpret_cast<uintptr_t>(base), bytes, true};
    return true;
  }
  below = reinterpret_cast<uintptr_t>(base);
  below_bytes = bytes;
  if (of_registered(address, range, below, below_bytes)) return true;
  if (b.worker->stacks.holds(reinterpret_cast<const void*>(address))) {
    range = {address, 1, false};
    return true;
  }
  if (of_the_runtime(b, address, range) || on_this_stack(address, range)) return true;
  Image image{address};
  if (dl_iterate_phdr(look_into, &image)) {
    range = {image.begin, image.bytes, image.own && image.writable};
    return true;
  }
  if (!owner && address >= 4096) {  // nobody tells what belongs to whom: races only
    range = {address & ~uintptr_t(4095), 4096, true};
    return true;
  }
  return false;
}

[[noreturn]] void outside(Block& b, uintptr_t address, size_t bytes, bool write, uintptr_t pc, uintptr_t base, size_t size) {
  constexpr size_t kNear = size_t(1) << 30;
  char detail[sizeof(Finding::detail)];
  const char* what = write ? "write" : "read";
  if (address < 4096) {
    std::snprintf(detail, sizeof detail, "%zu-byte %s through a null pointer", bytes, what);
  } else if (base && address - base < size) {
    std::snprintf(detail, sizeof detail, "%zu-byte %s over the end of %zu bytes, at offset %zu", bytes, what, size,
                  static_cast<size_t>(address - base));
  } else if (base && address - base - size < kNear) {
    std::snprintf(detail, sizeof detail, "%zu-byte %s %zu bytes past the end of %zu bytes", bytes, what,
                  static_cast<size_t>(address - base - size), size);
  } else {
    std::snprintf(detail, sizeof detail, "%zu-byte %s outside of all memory that was given to the kernel", bytes, what);
  }
  Finding finding = finding_here(b, Kind::out_of_bounds, pc, detail);
  finding.write = write;
  add_finding(finding);
  b.finish_thread();
}

}  // namespace

const Range& range_of(Block& b, uintptr_t address, size_t bytes, bool write, uintptr_t pc) {
  Range& range = checker.range[(pc ^ pc >> 10) % kRanges];
  if (__builtin_expect(address - range.begin < range.bytes && address - range.begin + bytes <= range.bytes, 1)) return range;
  uintptr_t below = 0;
  size_t below_bytes = 0;
  Range found;
  if (!look_up(b, address, found, below, below_bytes)) {
    if (checker.most_accesses) outside(b, address, bytes, write, pc, below, below_bytes);
    found = {address, bytes, false};
  } else if (found.watched && address - found.begin + bytes > found.bytes && checker.most_accesses) {
    outside(b, address, bytes, write, pc, found.begin, found.bytes);
  }
  return range = found;
}

void forget_ranges() {
  for (Range& range : checker.range) range = {};
}

void register_memory(const void* address, size_t bytes) { registered[reinterpret_cast<uintptr_t>(address)] = bytes; }
void forget_memory(const void* address) { registered.erase(reinterpret_cast<uintptr_t>(address)); }

}  // namespace harness_cuda

extern "C" __attribute__((visibility("default"))) void harness_cuda_owner(int (*owner)(const void*, const void**, size_t*)) {
  harness_cuda::owner = owner;
}
