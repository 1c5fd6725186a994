// PTX loads, stores, atomics, asynchronous copies and address conversions.
#include <algorithm>

#include "harness_cuda/atomics.h"
#include "harness_cuda/memory.h"
#include "ptx.h"

namespace harness_cuda {
namespace {

char* address(const PtxInstruction& i, const uint64_t* r, unsigned place, unsigned which, PtxSpace space) {
  uint64_t a = r[place] + uint64_t(i.offset[which]);
  if (i.offset_place[which] >= 0) a += r[i.offset_place[which]];
  return space == PtxSpace::shared ? shared_pointer(uint32_t(a)) : reinterpret_cast<char*>(a);
}
void aligned(const void* p, size_t bytes) {
  if (reinterpret_cast<uintptr_t>(p) % bytes) report(Kind::misaligned, "inline PTX");
}
bool is_signed(PtxType type) { return type == PtxType::s8 || type == PtxType::s16 || type == PtxType::s32; }

void load(const PtxInstruction& i, uint64_t* r) {
  const unsigned bytes = ptx_bytes(i.type), all = bytes * i.vector;
  const char* p = address(i, r, i.place[i.vector], 0, i.space);
  aligned(p, all);
  i.mode ? atomic_load(p, all) : check_read(p, all, ptx_place(r));
  for (unsigned k = 0; k < i.vector; ++k) {
    uint64_t v = 0;
    __builtin_memcpy(&v, p + k * bytes, bytes);
    if (is_signed(i.type)) v = uint64_t(int64_t(v << (64 - 8 * bytes)) >> (64 - 8 * bytes));
    r[i.place[k]] = v;
  }
}
void store(const PtxInstruction& i, uint64_t* r) {
  const unsigned bytes = ptx_bytes(i.type), all = bytes * i.vector;
  char* p = address(i, r, i.place[0], 0, i.space);
  aligned(p, all);
  i.mode ? atomic_store(p, all) : check_write(p, all, ptx_place(r));
  for (unsigned k = 0; k < i.vector; ++k) __builtin_memcpy(p + k * bytes, &r[i.place[1 + k]], bytes);
}

enum PtxAtomic : unsigned { kAtomicAdd, kAtomicMin, kAtomicMax, kAtomicAnd, kAtomicOr, kAtomicXor, kAtomicExch, kAtomicCas, kAtomicInc, kAtomicDec };
template <class T>
T updated(unsigned mode, T old, T v) {
  switch (mode) {
    case kAtomicAdd: return T(old + v);
    case kAtomicMin: return v < old ? v : old;
    case kAtomicMax: return old < v ? v : old;
    case kAtomicExch: return v;
    default:
      if constexpr (std::is_integral_v<T>) {
        switch (mode) {
          case kAtomicAnd: return old & v;
          case kAtomicOr: return old | v;
          case kAtomicXor: return old ^ v;
          case kAtomicInc: return old >= v ? T(0) : T(old + 1);
          case kAtomicDec: return old == 0 || old > v ? v : T(old - 1);
        }
      }
      return old;
  }
}
// atom d, [a], b{, c} and red [a], b: without a result, `vector` elements.
template <class T>
void atomic(const PtxInstruction& i, uint64_t* r) {
  const bool result = i.relu;  // stands for «atom» here
  const unsigned at = result ? i.vector : 0;
  auto* p = reinterpret_cast<T*>(address(i, r, i.place[at], 0, i.space));
  aligned(p, sizeof(T));
  for (unsigned k = 0; k < i.vector; ++k) {
    const T v = get<T>(r, i.place[at + 1 + k]);
    const T old = i.mode == kAtomicCas ? atomic_compare(p + k, v, get<T>(r, i.place[at + 2])) : atomic_update(p + k, [&](T o) { return updated(i.mode, o, v); });
    if (result) put<T>(r, i.place[k], old);
  }
}
template <class Pair>
void atomic_pair(const PtxInstruction& i, uint64_t* r) {
  const unsigned at = i.relu ? i.vector : 0;
  auto* p = reinterpret_cast<Pair*>(address(i, r, i.place[at], 0, i.space));
  for (unsigned k = 0; k < i.vector; ++k) {
    const Pair old = atomicAdd(p + k, get<Pair>(r, i.place[at + 1 + k]));
    if (i.relu) put<Pair>(r, i.place[k], old);
  }
}

// cp.async [shared], [global], size{, bytes of the source}
void copy_asynchronously(const PtxInstruction& i, uint64_t* r) {
  const auto bytes = uint32_t(r[i.place[2]]);
  uint32_t given = bytes;
  if (i.count > 3) given = i.from == PtxType::pred ? ((r[i.place[3]] & 1) ? 0 : bytes) : std::min(uint32_t(r[i.place[3]]), bytes);
  if (bytes != 4 && bytes != 8 && bytes != 16) throw Error("cp.async copies 4, 8 or 16 bytes, not " + std::to_string(bytes));
  char* to = address(i, r, i.place[0], 0, PtxSpace::shared);
  const char* from = address(i, r, i.place[1], 1, PtxSpace::global);
  aligned(to, bytes);
  aligned(from, bytes);
  copy_async(to, from, bytes, bytes - given, ptx_place(r));
}
void nothing(const PtxInstruction&, uint64_t*) {}
void zero(const PtxInstruction& i, uint64_t* r) { r[i.place[0]] = 0; }
void to_shared(const PtxInstruction& i, uint64_t* r) { r[i.place[0]] = shared_address(reinterpret_cast<const char*>(r[i.place[1]])); }
void from_shared(const PtxInstruction& i, uint64_t* r) { r[i.place[0]] = reinterpret_cast<uint64_t>(shared_pointer(uint32_t(r[i.place[1]]))); }
void unchanged(const PtxInstruction& i, uint64_t* r) { r[i.place[0]] = r[i.place[1]]; }
void in_space(const PtxInstruction& i, uint64_t* r) {
  r[i.place[0]] = is_shared(reinterpret_cast<const char*>(r[i.place[1]])) == (i.space == PtxSpace::shared);
}

bool has_space(const PtxOpcode& opcode, std::string_view name) {
  for (const auto part : opcode.parts)
    if (part == name || (part.size() == name.size() + 5 && part.substr(0, name.size()) == name && part.substr(name.size()) == "::cta")) return true;
  return false;
}
bool decode_atomic(const PtxOpcode& opcode, PtxInstruction& i) {
  static constexpr std::string_view names[] = {"add", "min", "max", "and", "or", "xor", "exch", "cas", "inc", "dec"};
  for (i.mode = 0; i.mode < 10 && !opcode.has(names[i.mode]); ++i.mode) {
  }
  if (i.mode == 10) return false;
  i.relu = opcode.parts[0] == "atom";
  const bool bits = i.mode >= kAtomicAnd;
  switch (i.type) {
    case PtxType::u32: i.handler = atomic<uint32_t>; break;
    case PtxType::s32: i.handler = atomic<int32_t>; break;
    case PtxType::u64: i.handler = atomic<uint64_t>; break;
    case PtxType::s64: i.handler = atomic<int64_t>; break;
    case PtxType::b16: i.handler = i.mode == kAtomicCas ? atomic<uint16_t> : nullptr; break;
    case PtxType::b32: i.handler = bits ? atomic<uint32_t> : nullptr; break;
    case PtxType::b64: i.handler = bits ? atomic<uint64_t> : nullptr; break;
    case PtxType::f32: i.handler = i.mode == kAtomicAdd ? atomic<float> : nullptr; break;
    case PtxType::f64: i.handler = i.mode == kAtomicAdd ? atomic<double> : nullptr; break;
    case PtxType::f16x2: i.handler = i.mode == kAtomicAdd ? atomic_pair<__half2> : nullptr; break;
    case PtxType::bf16x2: i.handler = i.mode == kAtomicAdd ? atomic_pair<__nv_bfloat162> : nullptr; break;
    default: i.handler = nullptr;
  }
  return i.handler != nullptr;
}

}  // namespace

bool decode_memory(const PtxOpcode& opcode, PtxInstruction& i) {
  const std::string_view name = opcode.parts[0];
  if (opcode.text.find("cluster") != std::string_view::npos || opcode.has("multimem")) return false;
  i.space = has_space(opcode, "shared") ? PtxSpace::shared : opcode.has("global") ? PtxSpace::global : PtxSpace::generic;
  i.vector = opcode.has("v2") ? 2 : opcode.has("v4") ? 4 : opcode.has("v8") ? 8 : 1;
  if (name == "ld" || name == "ldu" || name == "st") {
    i.mode = opcode.has("acquire") || opcode.has("release") || opcode.has("relaxed") || opcode.has("volatile");
    i.handler = name == "st" ? store : load;
    return i.type != PtxType::none && !opcode.has("local") && !opcode.has("param");
  }
  if (name == "atom" || name == "red") return opcode.at(1) != "async" && decode_atomic(opcode, i);
  if (name == "cp") {
    if (opcode.at(1) != "async") return false;
    const std::string_view kind = opcode.at(2);
    i.handler = kind == "ca" || kind == "cg" ? copy_asynchronously : nothing;
    return kind == "ca" || kind == "cg" || kind == "commit_group" || kind == "wait_group" || kind == "wait_all";
  }
  if (name == "cvta") {
    i.handler = i.space != PtxSpace::shared ? unchanged : opcode.at(1) == "to" ? to_shared : from_shared;
    return true;
  }
  if (name == "isspacep") {
    i.handler = in_space;
    return i.space != PtxSpace::generic;
  }
  if (name == "createpolicy") {
    i.handler = zero;
    return true;
  }
  if (name == "prefetch" || name == "prefetchu" || name == "discard" || name == "applypriority") {
    i.handler = nothing;
    return opcode.at(1) != "tensormap" && opcode.text.find("tensormap") == std::string_view::npos;
  }
  return false;
}

}  // namespace harness_cuda
