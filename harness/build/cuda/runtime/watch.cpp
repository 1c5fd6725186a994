// Races, bounds of shared memory and reads of what was never written.
//
// Two accesses of one word race if one of them writes, not both are atomic, and nothing orders them. What orders: being one
// thread, a barrier or meeting that both took part in, a grid barrier, another launch, and «fence, then an atomic» on one
// side with an atomic on the same address on the other (and whoever met that thread since). No mistake, by decision:
//   - two writes of the same bytes;
//   - a plain read of a word that others update atomically, if the reader's next atomic is on that word: the
//     compare-and-swap loop of the CUDA C++ Programming Guide begins so;
//   - volatile accesses of global memory among themselves and with atomics: they are how flags are polled.
#include <cstdio>
#include <cstring>

#include "check.h"
#include "grid.h"
#include "watch.h"

namespace harness_cuda {

Checker checker;

namespace {

constexpr unsigned kWordBytes = 4;

const char* verb(bool write) { return write ? "write" : "read"; }

void fill_other(Finding& finding, const Block& b, const Stamp& other) {
  const dim3 extent = b.grid->configuration.grid;
  const dim3 shape = b.grid->configuration.block;
  const uint64_t number = other.who >> kThreadBits;
  const unsigned thread = other.who & ((1u << kThreadBits) - 1);
  place(finding.other_block, {static_cast<unsigned>(number % extent.x), static_cast<unsigned>(number / extent.x % extent.y),
                              static_cast<unsigned>(number / (uint64_t(extent.x) * extent.y))});
  place(finding.other_thread, {thread % shape.x, thread / shape.x % shape.y, thread / (shape.x * shape.y)});
  finding.other_pc = other.pc;
}

Finding race(const Block& b, const Stamp& other, bool other_wrote, Access access, bool shared, uintptr_t pc) {
  const bool wrote = access != Access::read && access != Access::flag_read;
  char detail[sizeof(Finding::detail)];
  std::snprintf(detail, sizeof detail, "%s%s in %s memory and %s%s by another thread%s, with nothing between them that orders them",
                access == Access::atomic ? "atomic " : "", verb(wrote), shared ? "shared" : "global", other.atomic ? "atomic " : "",
                verb(other_wrote), other.who >> kThreadBits == identity(b.number, 0) >> kThreadBits ? " of the block" : " of another block");
  Finding finding = finding_here(b, Kind::race, pc, detail);
  finding.write = wrote;
  fill_other(finding, b, other);
  return finding;
}

struct Context {
  Block& block;
  Watch& watch;
  uintptr_t address;  // of the whole access
  unsigned bytes;
  Access access;
  bool shared;
  uintptr_t pc;
  uint32_t me;
  uint32_t horizon;
};

void doubt_same_value(const Context& c, const Stamp& other) {
  Doubt& doubt = checker.same_value;
  if (doubt.open) return;  // another word of the same access
  doubt.open = true;
  doubt.address = c.address;
  doubt.bytes = c.bytes;
  std::memcpy(doubt.before, reinterpret_cast<const void*>(c.address), c.bytes);
  doubt.finding = race(c.block, other, true, c.access, c.shared, c.pc);
}

void doubt_stale_read(const Context& c, const Stamp& other) {
  const unsigned thread = c.block.front.thread;
  settle_stale_read(c.block, thread, nullptr);
  Watch& w = c.watch;
  w.stale_read.resize(kMostThreads);
  w.doubts = true;
  Doubt& doubt = w.stale_read[thread];
  doubt.open = true;
  doubt.address = c.address;
  doubt.finding = race(c.block, other, true, c.access, c.shared, c.pc);
}

inline bool in_order(const Context& c, const Stamp& s) {
  return s.clock < c.horizon || s.who == c.me || c.watch.ordered(c.block, s, c.me, c.shared);
}

__attribute__((noinline)) void conflict(const Context& c, const Stamp& other, bool other_wrote) {
  if (c.access == Access::write && other_wrote && !other.atomic) return doubt_same_value(c, other);
  if (c.access == Access::read && other_wrote && other.atomic) return doubt_stale_read(c, other);
  add_finding(race(c.block, other, other_wrote, c.access, c.shared, c.pc));
}

inline void note_read(const Context& c, Cell& cell, const Stamp& now) {
  if (cell.read.who == c.me || in_order(c, cell.read)) {
    const unsigned before = cell.read.who == c.me && cell.read.clock == now.clock ? cell.read.bytes : 0;
    cell.read = now;
    cell.read.bytes = now.bytes | before;
  } else {
    cell.other = now;
  }
}

// Whether a write of this thread has met nothing since that would order it before what other warps do.
bool unpublished(const Context& c, const Stamp& own) {
  return own.clock >= c.horizon && own.clock >= c.watch.whole && own.clock >= c.watch.fenced[c.block.front.thread];
}

// One word of an access.
inline void touch(const Context& c, Cell& cell, unsigned bytes) {
  const bool atomic = c.access >= Access::atomic;
  const bool writes = c.access != Access::read && c.access != Access::flag_read;
  Stamp now;
  now.clock = checker.clock;
  now.who = c.me;
  const uint64_t offset = library_offset(c.pc);
  now.pc = offset < (1u << 24) ? static_cast<uint32_t>(offset) & 0xFFFFFF : 0;
  now.bytes = bytes & 15;
  now.atomic = atomic;
  const Stamp& w = cell.write;
  if ((w.bytes & bytes) && !(atomic && w.atomic) && !in_order(c, w)) conflict(c, w, true);
  if (!writes) return note_read(c, cell, now);
  if (c.access == Access::atomic && !w.atomic && w.who == c.me && unpublished(c, w)) return;  // others see the plain write
  for (const Stamp* r : {&cell.read, &cell.other}) {
    if ((r->bytes & bytes) && !(atomic && r->atomic) && !in_order(c, *r)) {
      conflict(c, *r, false);
      break;
    }
  }
  cell.write = now;
  cell.read.clock = cell.other.clock = 0;
}

// Whether all of `bytes` bits from `offset` are set.
inline uint32_t bits_at(const std::vector<uint8_t>& map, size_t offset, size_t bytes) {
  uint32_t word;
  std::memcpy(&word, &map[offset >> 3], sizeof word);
  return word >> (offset & 7) & ((1u << bytes) - 1);
}

[[noreturn]] void outside_shared(const Context& c, size_t offset) {
  char detail[sizeof(Finding::detail)];
  const size_t dynamic = static_cast<size_t>(c.block.front.dynamic - c.block.front.arena);
  if (offset >= dynamic) {
    std::snprintf(detail, sizeof detail, "%u-byte %s at offset %zu of %zu bytes of dynamic shared memory", c.bytes,
                  verb(c.access != Access::read), offset - dynamic, c.block.grid->configuration.shared);
  } else {
    std::snprintf(detail, sizeof detail, "%u-byte %s outside of every shared variable", c.bytes, verb(c.access != Access::read));
  }
  Finding finding = finding_here(c.block, Kind::out_of_bounds, c.pc, detail);
  finding.write = c.access != Access::read;
  add_finding(finding);
  c.block.finish_thread();
}

void unwritten(const Context& c, uint32_t written, size_t offset) {
  // A struct's padding is copied without ever being written, so that single bytes say nothing, and of a wide access one word
  // may be missing.
  unsigned missing = 0, words = 0;
  for (unsigned i = 0; i < c.bytes;) {
    const unsigned step = kWordBytes - (offset + i) % kWordBytes < c.bytes - i ? kWordBytes - (offset + i) % kWordBytes : c.bytes - i;
    missing += (written >> i & ((1u << step) - 1)) == 0;
    ++words;
    i += step;
  }
  if (missing <= (words > 2 ? 1u : 0u)) return;
  add_finding(finding_here(c.block, Kind::uninitialised_shared, c.pc, "shared memory is read before any thread has written there"));
}

void watch_shared(Context& c) {
  Block& b = c.block;
  Watch& w = c.watch;
  const size_t offset = c.address - reinterpret_cast<uintptr_t>(b.front.arena);
  if (bits_at(w.valid, offset, c.bytes) != (1u << c.bytes) - 1) outside_shared(c, offset);
  const bool writes = c.access == Access::write || c.access == Access::atomic || c.access == Access::flag_write;
  if (c.access != Access::write && c.access != Access::flag_write) {
    const uint32_t written = bits_at(w.written, offset, c.bytes);
    if (written != (1u << c.bytes) - 1) unwritten(c, written, offset);
  }
  if (writes) {
    uint32_t word;
    std::memcpy(&word, &w.written[offset >> 3], sizeof word);
    word |= ((1u << c.bytes) - 1) << (offset & 7);
    std::memcpy(&w.written[offset >> 3], &word, sizeof word);
  }
  const size_t last = offset + c.bytes;
  for (size_t at = offset; at < last;) {
    const unsigned within = at % kWordBytes;
    const unsigned step = kWordBytes - within < last - at ? kWordBytes - within : static_cast<unsigned>(last - at);
    touch(c, w.shared[at / kWordBytes], ((1u << step) - 1) << within);
    at += step;
  }
}

void watch_global(Context& c) {
  const uintptr_t last = c.address + c.bytes;
  for (uintptr_t at = c.address; at < last;) {
    const unsigned within = at % kWordBytes;
    const unsigned step = kWordBytes - within < last - at ? kWordBytes - within : static_cast<unsigned>(last - at);
    touch(c, *checker.shadow.at(at), ((1u << step) - 1) << within);
    at += step;
  }
}

// An atomic learns what others did before the fence that preceded their atomics here, and teaches what it has fenced.
void synchronise(const Context& c) {
  Watch& w = c.watch;
  const unsigned thread = c.block.front.thread;
  if (c.access != Access::flag_write && !checker.released.empty()) {
    const auto found = checker.released.find(c.address);
    if (found != checker.released.end() && found->second > w.acquired[thread]) {
      w.acquired[thread] = found->second;
      w.any_acquired = true;
    }
  }
  if (c.access == Access::flag_read) return;
  // Within a block, shared memory is seen in order.
  uint32_t fenced = c.shared ? ++checker.clock : w.fenced[thread];
  if (!fenced) return;
  uint32_t& known = checker.released[c.address];
  if (known < fenced) known = fenced;
}

}  // namespace

bool Watch::ordered(const Block& b, const Stamp& s, uint32_t me, bool) const {
  if ((s.who ^ me) >> kThreadBits) return false;  // another block
  if (s.clock < whole) return true;
  const unsigned other = s.who & ((1u << kThreadBits) - 1), mine = b.front.thread;
  const unsigned other_warp = other >> 5, my_warp = mine >> 5;
  if (!warps.empty() && s.clock < warps[other_warp * 32 + my_warp]) return true;
  if (other_warp != my_warp) return false;
  return s.clock < warp_whole[my_warp] ||
         (!lanes.empty() && s.clock < lanes[(my_warp * 32 + (other & 31)) * 32 + (mine & 31)]);
}

void watch(uintptr_t address, size_t bytes, Access access, uintptr_t pc) {
  Block* b = current;
  if (!b || !b->running || !checker.on) return;
  if (checker.same_value.open) settle_same_value();
  const uintptr_t local = address - reinterpret_cast<uintptr_t>(b->stack[b->front.thread]);
  if (local < kStackBytes) return;
  while (bytes > 16) {
    watch(address, 16, access, pc);
    address += 16;
    bytes -= 16;
  }
  Watch& w = *b->watch;
  const unsigned thread = b->front.thread;
  const bool writes = access != Access::read && access != Access::flag_read;
  const uintptr_t in_arena = address - reinterpret_cast<uintptr_t>(b->front.arena);
  const bool shared = in_arena < w.written.size() * 8 - 64;
  if (!shared) {
    const Range& range = range_of(*b, address, bytes, writes, pc);
    if (!range.watched) return;
  }
  ++checker.accesses;
  if (checker.counting && access < Access::atomic) count_access(*b, address, bytes, writes, shared, pc);
  if (checker.accesses > checker.most_accesses) return;
  // In shared memory a volatile access is an access like any other: without __syncwarp() it orders nothing.
  if (shared && access == Access::flag_read) access = Access::read;
  if (shared && access == Access::flag_write) access = Access::write;
  uint32_t horizon = shared ? w.block_start : checker.launch_start;
  if (w.acquired[thread] > horizon) horizon = w.acquired[thread];
  Context c{*b, w, address, static_cast<unsigned>(bytes), access, shared, pc, identity(b->number, thread), horizon};
  if (access >= Access::atomic) {
    if (w.doubts) settle_stale_read(*b, thread, reinterpret_cast<const volatile void*>(address));
    synchronise(c);  // what it learns holds for what follows, not for this word itself: a plain reset of it is a race
  }
  if (shared) {
    watch_shared(c);
  } else {
    watch_global(c);
  }
}

void settle_same_value() {
  Doubt& doubt = checker.same_value;
  doubt.open = false;
  if (std::memcmp(doubt.before, reinterpret_cast<const void*>(doubt.address), doubt.bytes) != 0) add_finding(doubt.finding);
}

void settle_stale_read(Block& b, unsigned thread, const volatile void* updated) {
  if (!b.watch->doubts) return;
  Doubt& doubt = b.watch->stale_read[thread];
  if (!doubt.open) return;
  doubt.open = false;
  if (reinterpret_cast<uintptr_t>(updated) != doubt.address) add_finding(doubt.finding);
}

}  // namespace harness_cuda
