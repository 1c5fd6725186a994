// Shared memory of a block: first the static variables as they are met, then the dynamic part.
#include <cstring>
#include <string>

#include "block.h"
#include "check.h"
#include "grid.h"

namespace harness_cuda {
namespace {

constexpr uint32_t kFirst = 128;  // offset 0 means «not placed»
constexpr uint32_t kStaticBytes = 64 << 10;
constexpr size_t kLine = 128;  // all 32 banks once
constexpr size_t kCanaryBytes = 64;
constexpr unsigned char kCanary = 0xA5;

struct Variable {
  size_t bytes, alignment;
};
Variable* variables() {
  static Variable table[kMostVariables + 1];
  return table;
}
unsigned declared = 0;

}  // namespace

unsigned declare_shared(size_t bytes, size_t alignment) {
  if (declared >= kMostVariables) return kMostVariables;  // refused when it is used: a library must load without exceptions
  variables()[declared] = {bytes, alignment};
  return declared++;
}

void make_arena(Block& b) {
  const size_t dynamic = b.grid->configuration.shared;
  b.arena_store.resize(kStaticBytes + dynamic + 2 * kLine + kCanaryBytes);
  const auto start = reinterpret_cast<uintptr_t>(b.arena_store.data());
  b.front.arena = reinterpret_cast<char*>((start + kLine - 1) / kLine * kLine);
  b.front.dynamic = b.front.arena + kStaticBytes;
  std::memset(b.offset, 0, sizeof b.offset);
  b.static_used = kFirst;
  b.placed_bytes = 0;
  b.placed.clear();
  std::memset(b.front.dynamic + dynamic, kCanary, kCanaryBytes);
}

// Fills shared memory with NaN bits, so that a read of what no thread wrote shows.
void poison_arena(Block& b) {
  if (b.static_used > kFirst) std::memset(b.front.arena + kFirst, 0xFF, b.static_used - kFirst);
  if (b.grid->configuration.shared) std::memset(b.front.dynamic, 0xFF, b.grid->configuration.shared);
}

bool canary_is_alive(const Block& b) {
  const char* canary = b.front.dynamic + b.grid->configuration.shared;
  for (size_t i = 0; i < kCanaryBytes; ++i) {
    if (static_cast<unsigned char>(canary[i]) != kCanary) return false;
  }
  return true;
}

uint32_t place_shared(unsigned number) {
  Block& b = *current;
  const InRuntime guard(b);
  if (number >= kMostVariables) refuse("more than 1024 shared variables in one source");
  const Variable& variable = variables()[number];
  const size_t alignment = variable.alignment < 16 ? 16 : variable.alignment;
  const size_t offset = (b.static_used + alignment - 1) / alignment * alignment;
  const size_t end = offset + variable.bytes;
  const size_t placed = b.placed_bytes + variable.bytes, both = placed + b.grid->configuration.shared;
  const Options& o = b.grid->options;
  if (placed > o.shared_bytes || both > o.shared_optin_bytes || end + kLine > kStaticBytes) {
    const std::string why = std::to_string(placed) + " bytes of static and " + std::to_string(both - placed) +
                            " of dynamic shared memory are more than a block can have";
    report(Kind::invalid_launch, why.c_str());
    throw Error(std::string(b.grid->kernel) + ": " + why);
  }
  b.offset[number] = static_cast<uint32_t>(offset);
  b.static_used = static_cast<uint32_t>(end + redzone_bytes());
  std::memset(b.front.arena + offset, 0xFF, variable.bytes);
  b.grid->placed_shared(variable.bytes);
  check_placed(b, static_cast<uint32_t>(offset), variable.bytes);
  return b.offset[number];
}

size_t dynamic_shared_bytes() { return current->grid->configuration.shared; }
size_t static_shared_bytes() { return current->grid->static_shared; }
bool is_shared(const void* address) {
  const Block* b = current;
  return b && static_cast<size_t>(static_cast<const char*>(address) - b->front.arena) <
                  kStaticBytes + b->grid->configuration.shared;
}

}  // namespace harness_cuda
