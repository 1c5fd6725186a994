// Counters, from what a block's lanes did.
//
// Lanes run one after another, so a warp's instruction is put together afterwards: the k-th time that each lane came to an
// address of the code since the last barrier is one execution by the warp. This is exact where lanes of a warp take the same
// path, or leave a loop at different times; where inner loops differ from lane to lane it is an estimate.
#include <algorithm>
#include <cstring>

#include "check.h"
#include "grid.h"
#include "watch.h"

namespace harness_cuda {
namespace {

constexpr unsigned kSites = 1 << 14;  // instructions that access memory or begin a basic block
constexpr size_t kMostRequests = 1 << 18;  // of a block between two barriers; a block with more is not counted

}  // namespace

// One warp's execution of one instruction that accesses memory.
struct Request {
  uint64_t base;  // address of the first lane
  int32_t offset[32];
  uint32_t lanes = 0;
  uint8_t bytes;
  bool write, shared;
};

// What one warp did at one place in the code.
struct Site {
  uint32_t times[32];  // per lane, since the last barrier
  std::vector<uint32_t> requests;  // by occurrence
};

struct Counts {
  bool counted = false;  // the running block is
  bool complete = true;
  uint64_t total[kCounters];
  std::vector<uint64_t> executed = std::vector<uint64_t>(kSites);  // lanes that ran the basic block at a site
  std::vector<uintptr_t> site_pc = std::vector<uintptr_t>(kSites);
  unsigned sites = 0;
  std::vector<std::vector<std::unique_ptr<Site>>> warp;  // [warp][site]
  std::vector<Request> requests;

  int site_of(uintptr_t pc);
  Site& at(unsigned warp_number, unsigned site);
  void settle();
};

namespace {

unsigned distinct(uint64_t* values, unsigned n) {
  std::sort(values, values + n);
  return static_cast<unsigned>(std::unique(values, values + n) - values);
}

// Sectors are 32 bytes, which is what memory moves at least (CUDA C++ Best Practices Guide, "Coalesced Access").
unsigned sectors(const Request& r) {
  uint64_t touched[64];
  unsigned n = 0;
  for (uint32_t rest = r.lanes; rest; rest &= rest - 1) {
    const uint64_t address = r.base + static_cast<int64_t>(r.offset[__builtin_ctz(rest)]);
    touched[n++] = address >> 5;
    if ((address + r.bytes - 1) >> 5 != address >> 5) touched[n++] = (address + r.bytes - 1) >> 5;
  }
  return distinct(touched, n);
}

// Passes of the lanes `first` to `last`: each bank gives one word per pass, to whoever wants that word.
unsigned passes_of(const Request& r, unsigned first, unsigned last) {
  uint64_t words[32 * 4];
  unsigned n = 0;
  for (unsigned lane = first; lane < last; ++lane) {
    if (!(r.lanes >> lane & 1)) continue;
    const uint64_t address = r.base + static_cast<int64_t>(r.offset[lane]);
    for (uint64_t word = address >> 2; word <= (address + r.bytes - 1) >> 2; ++word) words[n++] = word;
  }
  n = distinct(words, n);
  unsigned load[32] = {}, most = 0;
  for (unsigned i = 0; i < n; ++i) most = std::max(most, ++load[words[i] & 31]);
  return most;
}

// A warp's 8-byte accesses are served by halves and its 16-byte ones by quarters.
unsigned passes(const Request& r) {
  const unsigned width = r.bytes <= 4 ? 32 : r.bytes == 8 ? 16 : 8;
  unsigned sum = 0;
  for (unsigned lane = 0; lane < 32; lane += width) sum += passes_of(r, lane, lane + width);
  return sum;
}

}  // namespace

int Counts::site_of(uintptr_t pc) {
  for (unsigned i = static_cast<unsigned>(pc * 0x9E3779B1u >> 7) % kSites, tried = 0; tried < kSites; ++tried) {
    if (site_pc[i] == pc) return static_cast<int>(i);
    if (!site_pc[i] && sites < kSites / 2) {
      ++sites;
      site_pc[i] = pc;
      return static_cast<int>(i);
    }
    if (!site_pc[i]) break;
    i = (i + 1) % kSites;
  }
  complete = false;
  return -1;
}

Site& Counts::at(unsigned warp_number, unsigned site) {
  auto& own = warp[warp_number];
  if (own.empty()) own.resize(kSites);
  if (!own[site]) {
    own[site] = std::make_unique<Site>();
    std::memset(own[site]->times, 0, sizeof own[site]->times);
  }
  return *own[site];
}

// Adds up what was put together since the last barrier.
void Counts::settle() {
  for (const Request& r : requests) {
    const uint64_t bytes = static_cast<uint64_t>(__builtin_popcount(r.lanes)) * r.bytes;
    if (r.shared) {
      total[r.write ? k_shared_store_requests : k_shared_load_requests] += 1;
      total[r.write ? k_shared_store_passes : k_shared_load_passes] += passes(r);
    } else {
      total[r.write ? k_global_store_requests : k_global_load_requests] += 1;
      total[r.write ? k_global_store_sectors : k_global_load_sectors] += sectors(r);
      total[r.write ? k_global_store_bytes : k_global_load_bytes] += bytes;
    }
  }
  requests.clear();
  for (auto& own : warp) {
    for (auto& site : own) {
      if (!site) continue;
      if (site->requests.empty()) {
        total[k_warp_block_slots] += 32ull * *std::max_element(site->times, site->times + 32);
      }
      site->requests.clear();
      std::memset(site->times, 0, sizeof site->times);
    }
  }
}

bool grid_counts(Block& b) {
  checker.counting = false;
  const Options& o = b.grid->options;
  if (!o.count || !b.grid->record || b.grid->begun >= o.count_blocks) return false;
  ++b.grid->begun;
  return true;
}

void count_block_begins(Block& b) {
  if (!b.counts) b.counts = std::make_shared<Counts>();
  Counts& c = *b.counts;
  c.complete = true;
  std::memset(c.total, 0, sizeof c.total);
  std::fill(c.executed.begin(), c.executed.end(), 0);
  c.requests.clear();
  c.warp.clear();
  c.warp.resize(b.warps.size());
  c.counted = true;
  checker.counting = true;
}

void count_block_ends(Block& b) {
  Counts& c = *b.counts;
  if (!c.counted) return;
  c.counted = false;
  checker.counting = false;
  c.settle();
  c.warp.clear();
  if (!c.complete) return;
  ++b.grid->record->counted_blocks;
  for (unsigned i = 0; i < kCounters; ++i) b.grid->record->counters[i] += c.total[i];
  for (unsigned i = 0; i < kSites; ++i) {
    if (c.executed[i]) note_executed(*b.grid->record, c.site_pc[i], c.executed[i]);
  }
}

void count_access(Block& b, uintptr_t address, size_t bytes, bool write, bool shared, uintptr_t pc) {
  Counts& c = *b.counts;
  const int number = c.site_of(pc);
  if (number < 0) return;
  const unsigned lane = b.front.thread & 31;
  Site& site = c.at(b.front.thread >> 5, static_cast<unsigned>(number));
  const uint32_t occurrence = site.times[lane]++;
  if (occurrence >= site.requests.size()) {
    if (c.requests.size() >= kMostRequests) {
      c.complete = false;
      return;
    }
    site.requests.push_back(static_cast<uint32_t>(c.requests.size()));
    Request fresh;
    fresh.base = address;
    fresh.bytes = static_cast<uint8_t>(bytes);
    fresh.write = write;
    fresh.shared = shared;
    c.requests.push_back(fresh);
  }
  Request& r = c.requests[site.requests[occurrence]];
  r.offset[lane] = static_cast<int32_t>(address - r.base);
  r.lanes |= 1u << lane;
}

void count_basic_block(Block& b, uintptr_t pc) {
  Counts& c = *b.counts;
  const int number = c.site_of(pc);
  if (number < 0) return;
  ++c.at(b.front.thread >> 5, static_cast<unsigned>(number)).times[b.front.thread & 31];
  ++c.total[k_lane_blocks];
  ++c.executed[static_cast<unsigned>(number)];
}

void count_meeting(Block& b, Counter counter, unsigned warps) {
  b.counts->total[counter] += warps;
  if (counter == k_barriers) b.counts->settle();
}

void count_atomic(Block& b) { ++b.counts->total[k_atomics]; }

void count_product(Block& b, Counter counter, uint64_t operations) {
  if (checker.counting) b.counts->total[counter] += operations;
}

}  // namespace harness_cuda
