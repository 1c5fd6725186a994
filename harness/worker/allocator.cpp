// A caching allocator for CPU tensors of 256 KiB and more, on both sides and in the judge.
//
// With the C library's, an output of some megabytes is unmapped when it is freed and mapped again for the next call; the
// page faults cost as much as many a kernel and come and go with the layout of the heap (a fourfold bimodal time). A GPU has
// had a caching allocator from the first day; this gives the CPU the same: a freed block serves the next request of its size.
//
// For the checks of emulated kernels it can also tell which live allocation an address belongs to; until that is asked for it
// keeps no books.
#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <c10/core/impl/alloc_cpu.h>

#include <atomic>
#include <cstdint>
#include <cstring>
#include <map>
#include <mutex>
#include <vector>

namespace {

constexpr size_t kSmallest = 256 << 10;
constexpr size_t kMostCached = size_t(2) << 30;

// Stands in the 64 bytes before each tensor's data, so that a pointer is all that a deleter needs.
struct Header {
  size_t size;
};
constexpr size_t kHeader = 64;

std::mutex mutex;
std::map<size_t, std::vector<char*>> spare;
size_t cached = 0;

// Address -> requested bytes of what is in use, kept from `harness_track(1)` on.
std::atomic<bool> tracking{false};
std::map<uintptr_t, size_t> live;

// From `harness_poison(1)` on, memory that nobody has written to yet holds 0xFF bytes, which floats take for NaN.
std::atomic<bool> poisoning{false};

void note(const void* data, size_t bytes) {
  std::lock_guard<std::mutex> guard(mutex);
  live[reinterpret_cast<uintptr_t>(data)] = bytes;
}

void forget(const void* data) {
  std::lock_guard<std::mutex> guard(mutex);
  live.erase(reinterpret_cast<uintptr_t>(data));
}

void drop_all() {
  for (auto& [size, blocks] : spare) {
    for (char* base : blocks) c10::free_cpu(base);
  }
  spare.clear();
  cached = 0;
}

char* take(size_t size) {
  std::lock_guard<std::mutex> guard(mutex);
  auto found = spare.find(size);
  if (found == spare.end() || found->second.empty()) return nullptr;
  char* base = found->second.back();
  found->second.pop_back();
  cached -= size;
  return base;
}

char* fresh(size_t size) {
  try {
    return static_cast<char*>(c10::alloc_cpu(size));
  } catch (const c10::Error&) {  // what is cached may be what is missing
    std::lock_guard<std::mutex> guard(mutex);
    drop_all();
  }
  return static_cast<char*>(c10::alloc_cpu(size));
}

void give_back(void* data) {
  if (!data) return;
  if (tracking.load(std::memory_order_relaxed)) forget(data);
  char* base = static_cast<char*>(data) - kHeader;
  size_t size = reinterpret_cast<Header*>(base)->size;
  if (size >= kSmallest) {
    std::lock_guard<std::mutex> guard(mutex);
    if (cached + size <= kMostCached) {
      spare[size].push_back(base);
      cached += size;
      return;
    }
  }
  c10::free_cpu(base);
}

struct Caching final : c10::Allocator {
  c10::DataPtr allocate(size_t bytes) override {
    const c10::Device cpu(c10::DeviceType::CPU);
    if (bytes == 0) return {nullptr, nullptr, &give_back, cpu};
    size_t size = bytes + kHeader;
    if (size >= kSmallest) size = (size + 4095) / 4096 * 4096;
    char* base = size >= kSmallest ? take(size) : nullptr;
    if (!base) base = fresh(size);
    reinterpret_cast<Header*>(base)->size = size;
    char* data = base + kHeader;
    if (tracking.load(std::memory_order_relaxed)) note(data, bytes);
    if (poisoning.load(std::memory_order_relaxed)) std::memset(data, 0xFF, bytes);
    return {data, data, &give_back, cpu};
  }

  c10::DeleterFnPtr raw_deleter() const override { return &give_back; }

  void copy_data(void* target, const void* source, std::size_t bytes) const override { std::memcpy(target, source, bytes); }
};

Caching caching;

}  // namespace

// Begins to keep books of tensors that are allocated from now on; 0 ends it and forgets them.
extern "C" void harness_track(int on) {
  std::lock_guard<std::mutex> guard(mutex);
  tracking = on != 0;
  if (!on) live.clear();
}

// Begins or ends to fill what is allocated, so that a kernel which counts on zeros in `torch.empty` is found out.
extern "C" void harness_poison(int on) { poisoning = on != 0; }

// Adds memory that is no tensor's, such as a slot of inputs; 0 bytes take it away again.
extern "C" void harness_register(const void* address, size_t bytes) {
  if (bytes) {
    note(address, bytes);
  } else {
    forget(address);
  }
}

// 1: `address` lies in the live allocation that `*base` and `*bytes` (as requested, not as rounded) describe. 0: in none;
// they then describe the nearest one below it, or nothing.
extern "C" int harness_owner(const void* address, const void** base, size_t* bytes) {
  const auto wanted = reinterpret_cast<uintptr_t>(address);
  std::lock_guard<std::mutex> guard(mutex);
  auto after = live.upper_bound(wanted);
  if (after == live.begin()) {
    *base = nullptr;
    *bytes = 0;
    return 0;
  }
  --after;
  *base = reinterpret_cast<const void*>(after->first);
  *bytes = after->second;
  return wanted - after->first < after->second;
}

extern "C" void install_caching_allocator() { c10::SetCPUAllocator(&caching, 1); }
