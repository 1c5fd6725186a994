// Meetings of lanes: shuffles, votes, __syncwarp, __activemask.
#include "block.h"
#include "check.h"
#include "grid.h"

namespace harness_cuda {

Meeting& Warp::meeting(uint32_t mask) {
  if (last && last->mask == mask) return *last;
  for (auto& known : meetings) {
    if (known->mask == mask) return *(last = known.get());
  }
  meetings.push_back(std::make_unique<Meeting>());
  last = meetings.back().get();
  last->mask = mask;
  return *last;
}

// Lets the lanes of a meeting go on if nobody is missing. Lanes that have exited are not waited for.
bool Block::complete(Warp& warp, Meeting& meeting) {
  const uint32_t wanted = meeting.mask & warp.alive;
  if ((meeting.arrived & wanted) != wanted) return false;
  const unsigned w = static_cast<unsigned>(&warp - warps.data());
  check_lanes_meet(*this, w, meeting.arrived);
  meeting.who[meeting.generation & 1] = meeting.arrived;
  for (uint32_t rest = meeting.arrived; rest; rest &= rest - 1) {
    state[w * 32 + static_cast<unsigned>(__builtin_ctz(rest))] = kReady;
  }
  meeting.arrived = 0;
  ++meeting.generation;
  poll_rounds = 0;
  cursor = (warp.first ? warp.first : front.threads) - 1;  // the warp goes on before others begin
  return true;
}

const uint64_t* exchange(uint32_t mask, uint64_t value, uint32_t* arrived) {
  Block& b = *current;
  const InRuntime guard(b);
  const unsigned me = b.front.thread, lane = me & 31;
  Warp& warp = b.warp_of(me);
  check_meets(b, me);
  if (!(mask >> lane & 1)) {
    check_outside_mask(b, mask, reinterpret_cast<uintptr_t>(__builtin_return_address(0)));
    mask |= 1u << lane;
  }
  Meeting& meeting = warp.meeting(mask);
  const uint32_t buffer = meeting.generation & 1;
  meeting.value[buffer][lane] = value;
  meeting.arrived |= 1u << lane;
  b.state[me] = kInWarp;
  if (!b.complete(warp, meeting)) b.left(me);
  b.suspend();
  if (arrived) *arrived = meeting.who[buffer];
  return meeting.value[buffer];
}

void warp_barrier(uint32_t mask) { exchange(mask, 0); }

uint32_t active_mask(int line) {
  Block& b = *current;
  const InRuntime guard(b);
  const unsigned me = b.front.thread;
  Warp& warp = b.warp_of(me);
  check_meets(b, me);
  b.active[me] = static_cast<uint32_t>(line);
  b.state[me] = kConverging;
  warp.converging |= 1u << (me & 31);
  b.converge(warp);
  b.suspend();
  return b.active[me];
}

// Where no lane of the warp can run any more, those that came to one line together go on; the others keep waiting.
void Block::converge(Warp& warp) {
  const unsigned base = static_cast<unsigned>(&warp - warps.data()) * 32;
  for (uint32_t rest = warp.alive; rest; rest &= rest - 1) {
    if (state[base + static_cast<unsigned>(__builtin_ctz(rest))] <= kPolling) return;
  }
  const unsigned leader = static_cast<unsigned>(__builtin_ctz(warp.converging));
  const uint32_t line = active[base + leader];
  uint32_t mask = 0;
  for (uint32_t rest = warp.converging; rest; rest &= rest - 1) {
    const unsigned lane = static_cast<unsigned>(__builtin_ctz(rest));
    if (active[base + lane] == line) mask |= 1u << lane;
  }
  for (uint32_t rest = mask; rest; rest &= rest - 1) {
    const unsigned thread = base + static_cast<unsigned>(__builtin_ctz(rest));
    active[thread] = mask;
    state[thread] = kReady;
  }
  warp.converging &= ~mask;
  cursor = (warp.first ? warp.first : front.threads) - 1;
}

void absent_lane(uint32_t mask, unsigned lane) {
  check_absent(*current, mask, lane, reinterpret_cast<uintptr_t>(__builtin_return_address(0)));
}

}  // namespace harness_cuda
