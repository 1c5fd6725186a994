// What the judge reads: findings and launches. Every text is bounded, every list too.
#include <cstring>

#include "check.h"
#include "grid.h"

namespace harness_cuda {
namespace {

std::mutex mutex;
Page* attached = nullptr;
uint32_t library_number = 0;

bool same(const Finding& a, const Finding& b) {
  return a.kind == b.kind && a.pc == b.pc && a.other_pc == b.other_pc && a.line == b.line && a.library == b.library &&
         std::strncmp(a.kernel, b.kernel, sizeof a.kernel) == 0 && (a.pc || std::strcmp(a.detail, b.detail) == 0);
}

bool same(const Launch& a, const char* kernel, const Configuration& c) {
  return std::strncmp(a.kernel, kernel, sizeof a.kernel - 1) == 0 && a.grid[0] == c.grid.x && a.grid[1] == c.grid.y &&
         a.grid[2] == c.grid.z && a.block[0] == c.block.x && a.block[1] == c.block.y && a.block[2] == c.block.z &&
         a.dynamic_shared == c.shared;
}

template <size_t N>
void copy(char (&to)[N], const char* from) {
  const size_t length = strnlen(from, N - 1);
  std::memcpy(to, from, length);
  std::memset(to + length, 0, N - length);
}

}  // namespace

// Where nobody attached a page, as in a program of one's own, the library keeps one to itself.
Page& page() {
  static Page* own = new Page{};
  return attached ? *attached : *own;
}

const Options& options() { return page().options; }

void place(int32_t (&to)[3], const uint3& from) {
  to[0] = static_cast<int32_t>(from.x);
  to[1] = static_cast<int32_t>(from.y);
  to[2] = static_cast<int32_t>(from.z);
}

void describe(Finding& finding, const char* kernel, const char* detail) {
  copy(finding.kernel, kernel);
  copy(finding.detail, detail);
  finding.library = library_number;
  finding.count = 1;
  for (auto* side : {&finding.block, &finding.thread, &finding.other_block, &finding.other_thread}) {
    for (int32_t& part : *side) part = -1;
  }
}

void add_finding(const Finding& finding) {
  std::lock_guard<std::mutex> guard(mutex);
  Page& p = page();
  for (uint32_t i = 0; i < p.findings && i < kMostFindings; ++i) {
    if (same(p.finding[i], finding)) {
      ++p.finding[i].count;
      return;
    }
  }
  if (p.findings >= kMostFindings) {
    ++p.dropped;
    return;
  }
  p.finding[p.findings] = finding;
  ++p.findings;
}

void report(Kind kind, const char* detail, int line) {
  Finding finding{};
  if (current) {
    const InRuntime guard(*current);
    finding = finding_here(*current, kind, 0, detail);
    finding.line = static_cast<uint32_t>(line);
    add_finding(finding);
    return;
  }
  finding.kind = static_cast<uint32_t>(kind);
  describe(finding, "", detail);
  finding.line = static_cast<uint32_t>(line);
  add_finding(finding);
}

Launch* record_launch(const Grid& grid) {
  std::lock_guard<std::mutex> guard(mutex);
  Page& p = page();
  const Configuration& c = grid.configuration;
  for (uint32_t i = 0; i < p.launches && i < kMostLaunches; ++i) {
    if (same(p.launch[i], grid.kernel, c)) {
      ++p.launch[i].launches;
      return &p.launch[i];
    }
  }
  if (p.launches >= kMostLaunches) {
    ++p.lost;
    return nullptr;
  }
  Launch& fresh = p.launch[p.launches];
  fresh = {};
  copy(fresh.kernel, grid.kernel);
  fresh.grid[0] = c.grid.x, fresh.grid[1] = c.grid.y, fresh.grid[2] = c.grid.z;
  fresh.block[0] = c.block.x, fresh.block[1] = c.block.y, fresh.block[2] = c.block.z;
  fresh.dynamic_shared = c.shared;
  fresh.launches = 1;
  ++p.launches;
  return &fresh;
}

void note_executed(const Launch& launch, uintptr_t pc, uint64_t lanes) {
  std::lock_guard<std::mutex> guard(mutex);
  Page& p = page();
  const uint32_t number = static_cast<uint32_t>(&launch - p.launch);
  const uint64_t offset = library_offset(pc);
  uint64_t at = (offset ^ uint64_t(library_number) << 40 ^ uint64_t(number) << 52) * 0x9E3779B97F4A7C15u >> 32;
  for (uint32_t tried = 0; tried < kMostExecuted; ++tried, ++at) {
    Executed& slot = p.executed[at % kMostExecuted];
    if (!slot.lanes) slot = {number, library_number, offset, 0};
    if (slot.launch == number && slot.library == library_number && slot.offset == offset) {
      slot.lanes += lanes;
      return;
    }
  }
}

void Grid::placed_shared(size_t bytes) {
  // Every worker places the variables for itself; the launch's size is the largest that any of them has seen.
  uint64_t mine = current->placed_bytes += bytes;
  uint64_t seen = static_shared.load();
  while (seen < mine && !static_shared.compare_exchange_weak(seen, mine)) {
  }
}

}  // namespace harness_cuda

extern "C" void harness_cuda_attach(void* page, uint32_t library) {
  harness_cuda::attached = static_cast<harness_cuda::Page*>(page);
  harness_cuda::library_number = library;
}

extern "C" uint64_t harness_cuda_page_bytes(void) { return sizeof(harness_cuda::Page); }
