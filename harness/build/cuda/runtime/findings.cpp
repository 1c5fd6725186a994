// Mistakes that show without instrumentation.
#include <cstdio>

#include "check.h"
#include "grid.h"

namespace harness_cuda {

// Only called where threads of one block wait at different barriers: a thread that has exited is not waited for, which is
// what hardware does since compute capability 7.0, and no finding.
void check_divergent(Block& b, int line) {
  Finding finding{};
  finding.kind = static_cast<uint32_t>(Kind::divergent_barrier);
  char detail[sizeof finding.detail];
  std::snprintf(detail, sizeof detail, "threads of one block wait at different barriers, in lines %d and %d", b.barrier_line,
                line);
  describe(finding, b.grid->kernel, detail);
  finding.line = static_cast<uint32_t>(line);
  place(finding.block, b.index);
  place(finding.thread, b.thread_index[b.front.thread]);
  place(finding.other_block, b.index);
  place(finding.other_thread, b.thread_index[b.barrier_thread]);
  add_finding(finding);
}

void check_outside_mask(Block&, uint32_t mask) {
  char detail[128];
  std::snprintf(detail, sizeof detail, "lane %u calls a warp operation whose mask 0x%08x leaves it out", lane_id(), mask);
  report(Kind::warp_mask, detail);
}

void check_absent(Block&, uint32_t mask, unsigned lane) {
  char detail[128];
  std::snprintf(detail, sizeof detail, "lane %u takes the value of lane %u, which is in the mask 0x%08x and took no part",
                lane_id(), lane, mask);
  report(Kind::warp_mask, detail);
}

}  // namespace harness_cuda
