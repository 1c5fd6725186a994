// Mistakes that show without instrumentation.
#include <cstdio>

#include "check.h"
#include "grid.h"

namespace harness_cuda {

// The linker's name for the start of this library.
extern "C" const char __ehdr_start __attribute__((visibility("hidden")));

uint64_t library_offset(uintptr_t pc) { return pc - reinterpret_cast<uintptr_t>(&__ehdr_start) - 1; }

Finding finding_here(const Block& b, Kind kind, uintptr_t pc, const char* detail) {
  Finding finding{};
  finding.kind = static_cast<uint32_t>(kind);
  describe(finding, b.grid->kernel, detail);
  finding.pc = pc ? library_offset(pc) : 0;
  place(finding.block, b.index);
  place(finding.thread, b.thread_index[b.front.thread]);
  return finding;
}

// Only called where threads of one block wait at different barriers. A thread that has exited is not waited for, which is
// what hardware does since compute capability 7.0, and no finding.
void check_divergent(Block& b, int line, uintptr_t pc) {
  char detail[sizeof(Finding::detail)];
  std::snprintf(detail, sizeof detail, "threads of one block wait at different barriers, in lines %d and %d",
                b.barrier_line, line);
  Finding finding = finding_here(b, Kind::divergent_barrier, pc, detail);
  finding.line = static_cast<uint32_t>(line);
  place(finding.other_block, b.index);
  place(finding.other_thread, b.thread_index[b.barrier_thread]);
  finding.other_pc = library_offset(b.barrier_pc);
  add_finding(finding);
}

void check_outside_mask(Block& b, uint32_t mask, uintptr_t pc) {
  char detail[128];
  std::snprintf(detail, sizeof detail, "lane %u calls a warp operation whose mask 0x%08x leaves it out", lane_id(), mask);
  add_finding(finding_here(b, Kind::warp_mask, pc, detail));
}

void check_absent(Block& b, uint32_t mask, unsigned lane, uintptr_t pc) {
  char detail[128];
  std::snprintf(detail, sizeof detail, "lane %u takes the value of lane %u, which is in the mask 0x%08x and takes no part",
                lane_id(), lane, mask);
  add_finding(finding_here(b, Kind::warp_mask, pc, detail));
}

}  // namespace harness_cuda
