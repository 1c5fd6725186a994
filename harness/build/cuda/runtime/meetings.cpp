// What meetings mean to the checks: the clock ticks, and what came before is ordered for those who met.
#include <algorithm>
#include <cstring>

#include "check.h"
#include "grid.h"
#include "watch.h"

namespace harness_cuda {
namespace {

constexpr size_t kRedzone = 128;  // whole lines, so that no variable changes its bank

// Those who meet know of each other's fences and of what each has acquired.
template <class Each>
void share_knowledge(Watch& w, Each each) {
  if (!w.any_fence && !w.any_acquired) return;
  uint32_t fenced = 0, acquired = 0;
  each([&](unsigned t) {
    fenced = std::max(fenced, w.fenced[t]);
    acquired = std::max(acquired, w.acquired[t]);
  });
  each([&](unsigned t) {
    w.fenced[t] = fenced;
    w.acquired[t] = acquired;
  });
}

size_t arena_bytes(const Block& b) {
  return static_cast<size_t>(b.front.dynamic - b.front.arena) + b.grid->configuration.shared;
}

void set_bits(std::vector<uint8_t>& map, size_t begin, size_t bytes) {
  for (size_t i = begin; i < begin + bytes; ++i) map[i >> 3] |= static_cast<uint8_t>(1u << (i & 7));
}

}  // namespace

bool checking() { return options().check || options().count; }
size_t redzone_bytes() { return options().check ? kRedzone : 0; }

void check_launch_begins(Grid& grid) {
  checker.on = grid.options.check || grid.options.count;
  checker.most_accesses = grid.options.check ? grid.options.max_accesses : 0;
  checker.accesses = page().accesses;
  checker.launch_start = ++checker.clock;
  checker.released.clear();
  checker.same_value.open = false;
  forget_ranges();
}

void check_launch_ends(Grid&) {
  page().accesses = checker.accesses;
  checker.on = checker.counting = false;
}

void check_block_begins(Block& b) {
  if (!checker.on) return;
  if (!b.watch) b.watch = std::make_shared<Watch>();
  Watch& w = *b.watch;
  const size_t bytes = arena_bytes(b);
  const size_t map_bytes = bytes / 8 + 16;
  w.shared.resize(bytes / 4 + 8);
  w.written.assign(map_bytes, 0);
  w.valid.assign(map_bytes, 0);
  set_bits(w.valid, bytes - b.grid->configuration.shared, b.grid->configuration.shared);
  for (const auto& placed : b.placed) set_bits(w.valid, placed.first, placed.second);
  w.block_start = ++checker.clock;
  w.whole = 0;
  w.warp_whole.assign(b.warps.size(), 0);
  w.lanes.clear();
  w.warps.clear();
  std::memset(w.group_warps, 0, sizeof w.group_warps);
  w.any_fence = w.any_acquired = w.doubts = false;
  std::memset(w.fenced, 0, sizeof w.fenced);
  std::memset(w.acquired, 0, sizeof w.acquired);
  for (Doubt& doubt : w.stale_read) doubt.open = false;
  if (grid_counts(b)) count_block_begins(b);
}

void check_block_ends(Block& b) {
  if (checker.on && b.counts) count_block_ends(b);
}

void check_thread_ends(Block& b) {
  if (!checker.on) return;
  if (checker.same_value.open) settle_same_value();
  settle_stale_read(b, b.front.thread, nullptr);
}

void check_placed(Block& b, uint32_t offset, size_t bytes) {
  b.placed.emplace_back(offset, bytes);
  if (checker.on) set_bits(b.watch->valid, offset, bytes);
}

void check_meets(Block& b, unsigned thread) {
  if (!checker.on) return;
  if (checker.same_value.open) settle_same_value();
  settle_stale_read(b, thread, nullptr);
}

void check_turns(Block&) {
  if (checker.on && checker.same_value.open) settle_same_value();
}

void check_barrier_passes(Block& b) {
  if (!checker.on) return;
  Watch& w = *b.watch;
  w.whole = ++checker.clock;
  share_knowledge(w, [&](auto visit) {
    for (unsigned t = 0; t < b.front.threads; ++t) visit(t);
  });
  if (checker.counting) count_meeting(b, k_barriers, static_cast<unsigned>(b.warps.size()));
}

void check_arrives(Block& b, unsigned group) {
  if (!checker.on) return;
  check_meets(b, b.front.thread);
  b.watch->group_warps[group] |= 1u << warp_id();
}

void check_group_passes(Block& b, unsigned group) {
  if (!checker.on) return;
  Watch& w = *b.watch;
  const uint32_t clock = ++checker.clock;
  if (w.warps.empty()) w.warps.resize(32 * 32);
  for (unsigned t = 0; t < b.front.threads; ++t) {
    if (b.state[t] == kAtGroup && b.group_of[t] == group) w.group_warps[group] |= 1u << (t >> 5);
  }
  const uint32_t met = w.group_warps[group];
  for (unsigned i = 0; i < 32; ++i) {
    for (unsigned j = 0; j < 32; ++j) {
      if (met >> i & met >> j & 1) w.warps[i * 32 + j] = clock;
    }
  }
  share_knowledge(w, [&](auto visit) {
    for (unsigned t = 0; t < b.front.threads; ++t) {
      if (met >> (t >> 5) & 1) visit(t);
    }
  });
  w.group_warps[group] = 0;
  if (checker.counting) count_meeting(b, k_barriers, static_cast<unsigned>(__builtin_popcount(met)));
}

void check_grid_passes() { checker.launch_start = ++checker.clock; }

void check_lanes_meet(Block& b, unsigned warp, uint32_t arrived) {
  if (!checker.on) return;
  Watch& w = *b.watch;
  const uint32_t clock = ++checker.clock;
  if (arrived == b.warps[warp].born) {
    w.warp_whole[warp] = clock;
  } else {
    if (w.lanes.empty()) w.lanes.resize(b.warps.size() * 32 * 32);
    for (uint32_t rest = arrived; rest; rest &= rest - 1) {
      uint32_t* row = &w.lanes[(warp * 32 + static_cast<unsigned>(__builtin_ctz(rest))) * 32];
      for (unsigned lane = 0; lane < 32; ++lane) {
        if (arrived >> lane & 1) row[lane] = clock;
      }
    }
  }
  share_knowledge(w, [&](auto visit) {
    for (uint32_t rest = arrived; rest; rest &= rest - 1) visit(warp * 32 + static_cast<unsigned>(__builtin_ctz(rest)));
  });
  if (checker.counting) count_meeting(b, k_warp_operations, 1);
}

void check_fence(Block& b) {
  if (!checker.on) return;
  b.watch->fenced[b.front.thread] = ++checker.clock;
  b.watch->any_fence = true;
}

}  // namespace harness_cuda
