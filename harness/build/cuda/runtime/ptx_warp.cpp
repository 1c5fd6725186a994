// PTX barriers, fences, shuffles, votes, and special registers.
#include "block.h"
#include "harness_cuda/device.h"
#include "harness_cuda/warp.h"
#include "ptx.h"

namespace harness_cuda {
namespace {

void bar_sync(const PtxInstruction& i, uint64_t* r) {
  const auto id = uint32_t(r[i.place[0]]);
  const uint32_t threads = i.count > 1 ? uint32_t(r[i.place[1]]) : 0;
  if (i.mode) group_arrive(id, threads);
  else if (id == 0 && (threads == 0 || threads == block_threads())) barrier();
  else group_barrier(id, threads);
}
void bar_warp(const PtxInstruction& i, uint64_t* r) { warp_barrier(uint32_t(r[i.place[0]])); }
void fence_all(const PtxInstruction&, uint64_t*) { fence(); }
void nothing_here(const PtxInstruction&, uint64_t*) {}
void sleep(const PtxInstruction&, uint64_t*) { relax(); }
void stop(const PtxInstruction&, uint64_t*) { trap("PTX trap"); }
void leave(const PtxInstruction&, uint64_t*) { current->finish_thread(); }

// shfl.sync.mode.b32 d{|p}, a, b, c, mask: c holds the segment's mask and the clamp.
void shfl(const PtxInstruction& i, uint64_t* r) {
  const unsigned at = i.count == 6 ? 2 : 1;
  const auto value = uint32_t(r[i.place[at]]), b = uint32_t(r[i.place[at + 1]]) & 31, c = uint32_t(r[i.place[at + 2]]), mask = uint32_t(r[i.place[at + 3]]);
  const unsigned lane = lane_id(), segment_mask = c >> 8 & 31, clamp = c & 31;
  const unsigned highest = (lane & segment_mask) | (clamp & ~segment_mask), lowest = lane & segment_mask;
  unsigned source = lane;
  bool inside = false;
  switch (i.mode) {
    case 0: source = lane - b, inside = int(source) >= int(highest); break;  // up: the clamp is the first lane
    case 1: source = lane + b, inside = source <= highest; break;
    case 2: source = lane ^ b, inside = source <= highest; break;
    default: source = lowest | (b & ~segment_mask), inside = source <= highest;
  }
  r[i.place[0]] = shuffle(mask, value, source & 31, inside);
  if (at == 2) r[i.place[1]] = inside;
}
void vote(const PtxInstruction& i, uint64_t* r) {
  const bool predicate = (r[i.place[1]] & 1) != unsigned(i.negated[1]);
  const auto mask = uint32_t(r[i.place[2]]);
  switch (i.mode) {
    case 0: r[i.place[0]] = __all_sync(mask, predicate) != 0; break;
    case 1: r[i.place[0]] = __any_sync(mask, predicate) != 0; break;
    case 2: r[i.place[0]] = __uni_sync(mask, predicate) != 0; break;
    default: r[i.place[0]] = __ballot_sync(mask, predicate);
  }
}
void match(const PtxInstruction& i, uint64_t* r) {
  const unsigned at = i.count - 2;
  const uint64_t value = ptx_bytes(i.type) == 8 ? r[i.place[at]] : uint32_t(r[i.place[at]]);
  uint32_t arrived;
  const uint32_t same = matching(uint32_t(r[i.place[at + 1]]), value, &arrived);
  r[i.place[0]] = i.mode == 0 || same == arrived ? same : 0;
  if (at == 2) r[i.place[1]] = same == arrived;
}
void redux(const PtxInstruction& i, uint64_t* r) {
  const auto v = uint32_t(r[i.place[1]]), mask = uint32_t(r[i.place[2]]);
  const bool s = i.type == PtxType::s32;
  switch (i.mode) {
    case 0: r[i.place[0]] = __reduce_add_sync(mask, v); break;
    case 1: r[i.place[0]] = s ? uint32_t(__reduce_min_sync(mask, int(v))) : __reduce_min_sync(mask, v); break;
    case 2: r[i.place[0]] = s ? uint32_t(__reduce_max_sync(mask, int(v))) : __reduce_max_sync(mask, v); break;
    case 3: r[i.place[0]] = __reduce_and_sync(mask, v); break;
    case 4: r[i.place[0]] = __reduce_or_sync(mask, v); break;
    default: r[i.place[0]] = __reduce_xor_sync(mask, v);
  }
}
void activemask(const PtxInstruction& i, uint64_t* r) { r[i.place[0]] = active_mask(); }
void elect(const PtxInstruction& i, uint64_t* r) {  // elect.sync d|p, mask: the lowest lane
  uint32_t arrived;
  exchange(uint32_t(r[i.place[2]]), 0, &arrived);
  r[i.place[0]] = uint32_t(__builtin_ctz(arrived));
  r[i.place[1]] = lane_id() == unsigned(__builtin_ctz(arrived));
}

bool variant(PtxInstruction& i, std::string_view name, std::initializer_list<std::string_view> names) {
  for (i.mode = 0; i.mode < names.size(); ++i.mode)
    if (names.begin()[i.mode] == name) return true;
  return false;
}

constexpr std::string_view kSpecial[] = {
    "laneid", "warpid", "nwarpid", "smid", "nsmid", "gridid", "tid.x", "tid.y", "tid.z", "ntid.x", "ntid.y", "ntid.z", "ctaid.x", "ctaid.y",
    "ctaid.z", "nctaid.x", "nctaid.y", "nctaid.z", "lanemask_eq", "lanemask_lt", "lanemask_le", "lanemask_gt", "lanemask_ge", "clock", "clock_hi",
    "clock64", "globaltimer", "globaltimer_lo", "globaltimer_hi", "WARP_SZ", "dynamic_smem_size", "total_smem_size"};

}  // namespace

int special_register(std::string_view name) {
  for (unsigned k = 0; k < sizeof kSpecial / sizeof *kSpecial; ++k)
    if (kSpecial[k] == name) return int(k);
  return -1;
}
void read_special(const PtxInstruction& i, uint64_t* r) {
  const unsigned lane = lane_id();
  const auto value = [&]() -> uint64_t {
    switch (i.mode) {
      case 0: return lane;
      case 1: return warp_id();
      case 2: return (block_threads() + 31) / 32;
      case 3: return (blockIdx.x + uint64_t(gridDim.x) * (blockIdx.y + uint64_t(gridDim.y) * blockIdx.z)) % options().sm_count;
      case 4: return options().sm_count;
      case 5: return 1;
      case 6: return threadIdx.x;
      case 7: return threadIdx.y;
      case 8: return threadIdx.z;
      case 9: return blockDim.x;
      case 10: return blockDim.y;
      case 11: return blockDim.z;
      case 12: return blockIdx.x;
      case 13: return blockIdx.y;
      case 14: return blockIdx.z;
      case 15: return gridDim.x;
      case 16: return gridDim.y;
      case 17: return gridDim.z;
      case 18: return 1u << lane;
      case 19: return (1u << lane) - 1;
      case 20: return ~0u >> (31 - lane);
      case 21: return ~(~0u >> (31 - lane));
      case 22: return ~((1u << lane) - 1);
      case 23: case 27: return uint32_t(clock64());
      case 24: case 28: return uint64_t(clock64()) >> 32;
      case 25: case 26: return uint64_t(clock64());
      case 29: return 32;
      case 30: return dynamic_shared_bytes();
      default: return dynamic_shared_bytes() + static_shared_bytes();
    }
  };
  r[i.place[0]] = value();
}

bool decode_warp(const PtxOpcode& opcode, PtxInstruction& i) {
  const std::string_view name = opcode.parts[0];
  if (name == "bar" || name == "barrier") {
    const std::string_view kind = opcode.at(1) == "cta" ? opcode.at(2) : opcode.at(1);
    i.handler = kind == "warp" ? bar_warp : bar_sync;
    i.mode = kind == "arrive";
    return (kind == "warp" || kind == "sync" || kind == "arrive") && opcode.text.find("cluster") == std::string_view::npos;
  }
  if (name == "membar" || name == "fence") {
    i.handler = fence_all;
    return !opcode.has("mbarrier_init");
  }
  if (name == "griddepcontrol" || name == "pmevent" || name == "brkpt") {
    i.handler = nothing_here;
    return true;
  }
  if (name == "nanosleep") return i.handler = sleep, true;
  if (name == "trap") return i.handler = stop, true;
  if (name == "exit" || name == "ret") return i.handler = leave, name == "exit";
  if (name == "shfl") return i.handler = shfl, opcode.at(1) == "sync" && variant(i, opcode.at(2), {"up", "down", "bfly", "idx"});
  if (name == "vote") return i.handler = vote, opcode.at(1) == "sync" && variant(i, opcode.at(2), {"all", "any", "uni", "ballot"});
  if (name == "match") return i.handler = match, variant(i, opcode.at(1), {"any", "all"});
  if (name == "redux") return i.handler = redux, ptx_bytes(i.type) == 4 && i.type != PtxType::f32 && variant(i, opcode.at(2), {"add", "min", "max", "and", "or", "xor"});
  if (name == "activemask") return i.handler = activemask, true;
  if (name == "elect") return i.handler = elect, true;
  return false;
}

}  // namespace harness_cuda
