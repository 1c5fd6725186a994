#include "shadow.h"

#include <sys/mman.h>

#include <new>

namespace harness_cuda {
namespace {

// Zeroed, and given memory only where it is touched.
void* map(size_t bytes) {
  void* fresh = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (fresh == MAP_FAILED) throw std::bad_alloc();
  return fresh;
}

}  // namespace

void Shadow::find(uintptr_t chunk) {
  if (root_.empty()) root_.resize(size_t(1) << kRootBits);
  Cell**& leaf = root_[chunk >> kLeafBits & ((1u << kRootBits) - 1)];
  if (!leaf) leaf = static_cast<Cell**>(map(sizeof(Cell*) << kLeafBits));
  Cell*& cells = leaf[chunk & ((1u << kLeafBits) - 1)];
  if (!cells) cells = static_cast<Cell*>(map(kCellsPerChunk * sizeof(Cell)));
  last_chunk_ = chunk;
  last_cells_ = cells;
}

}  // namespace harness_cuda
