// Inline PTX as the runtime holds it: instructions whose operands are places in one array of 64-bit values.
//
// The array begins with the operands of the asm statement; registers that the text declares, constants and special registers
// follow. A value fills the low bits of its place; an instruction reads as many of them as its type has.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness_cuda/ptx.h"

namespace harness_cuda {

enum class PtxType : uint8_t {
  none, u8, u16, u32, u64, s8, s16, s32, s64, b8, b16, b32, b64, f16, f16x2, bf16, bf16x2, tf32, f32, f64, e4m3, e5m2, pred
};
enum class PtxSpace : uint8_t { generic, global, shared };
enum class PtxCompare : uint8_t { eq, ne, lt, le, gt, ge, equ, neu, ltu, leu, gtu, geu, num, nan };
enum class PtxBool : uint8_t { none, conjunction, disjunction, exclusive };

struct PtxInstruction;
using PtxHandler = void (*)(const PtxInstruction&, uint64_t*);

constexpr unsigned kPtxMostPlaces = 192;
constexpr unsigned kPtxMostOperands = 20;
constexpr int64_t kNoGuard = -1;

struct PtxInstruction {
  PtxHandler handler = nullptr;
  int guard = kNoGuard;
  bool guard_negated = false;
  bool ftz = false, sat = false, relu = false, propagate_nan = false, uniform = false;
  int direction = 0;  // FE_TONEAREST is 0
  PtxType type = PtxType::none, from = PtxType::none;
  PtxType matrix_c = PtxType::none, matrix_d = PtxType::none;
  PtxSpace space = PtxSpace::generic, to_space = PtxSpace::generic;
  PtxCompare compare = PtxCompare::eq;
  PtxBool combine = PtxBool::none;
  unsigned mode = 0;    // what tells variants of one handler apart
  unsigned vector = 1;  // elements of a load or store
  unsigned m = 0, n = 0, k = 0;
  unsigned count = 0;                     // of operands
  uint16_t place[kPtxMostOperands] = {};  // vectors are spread out
  bool negated[kPtxMostOperands] = {};    // predicates with `!`
  uint8_t group[8] = {};                  // elements of each written operand: {a, b} has 2
  unsigned groups = 0;
  int64_t offset[2] = {};  // of the first and second address
  int offset_place[2] = {-1, -1};
};

struct PtxProgram {
  std::vector<PtxInstruction> instructions;
  std::vector<uint64_t> constants;  // what stands in the places behind the operands at the start
  unsigned operands = 0;
};

// One instruction's words: `ld.global.v4.f32` is {ld, global, v4, f32}.
struct PtxOpcode {
  std::string_view text;
  std::vector<std::string_view> parts;
  bool has(std::string_view part) const {
    for (size_t i = 1; i < parts.size(); ++i)
      if (parts[i] == part) return true;
    return false;
  }
  std::string_view at(size_t i) const { return i < parts.size() ? parts[i] : std::string_view(); }
};
// Fills in what the opcode says; false if it is not known.
bool decode(const PtxOpcode& opcode, PtxInstruction& instruction);
bool decode_memory(const PtxOpcode& opcode, PtxInstruction& instruction);
bool decode_warp(const PtxOpcode& opcode, PtxInstruction& instruction);
bool decode_matrix(const PtxOpcode& opcode, PtxInstruction& instruction);
bool decode_convert(const PtxOpcode& opcode, PtxInstruction& instruction);
bool decode_arithmetic(const PtxOpcode& opcode, PtxInstruction& instruction);
PtxType ptx_type(std::string_view name);
unsigned ptx_bytes(PtxType type);

// A handler that writes special register number `mode` to its place; -1 if there is none of that name.
int special_register(std::string_view name);
void read_special(const PtxInstruction& instruction, uint64_t* r);

// Where the asm statement stands, for findings: it is kept behind the places, and behind it the carry flag.
inline const void* ptx_place(const uint64_t* r) { return reinterpret_cast<const void*>(r[kPtxMostPlaces]); }

template <class T>
inline T get(const uint64_t* r, unsigned place) {
  T v;
  __builtin_memcpy(&v, &r[place], sizeof v);
  return v;
}
template <class T>
inline void put(uint64_t* r, unsigned place, T v) {
  if constexpr (std::is_integral_v<T> && std::is_signed_v<T>) {
    r[place] = static_cast<uint64_t>(static_cast<int64_t>(v));
  } else {
    r[place] = 0;
    __builtin_memcpy(&r[place], &v, sizeof v);
  }
}

}  // namespace harness_cuda
