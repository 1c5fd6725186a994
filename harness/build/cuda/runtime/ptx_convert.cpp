// PTX cvt: between integers and floats of all widths, packed pairs, and tf32.
#include <cfenv>
#include <cmath>

#include "harness_cuda/small_float.h"
#include "harness_cuda/math.h"
#include "ptx.h"

namespace harness_cuda {
namespace {

Round integer_rounding(unsigned mode) { return Round(mode); }

// `mode`: rounding in the order of Round; 8 set: to an integral value of the same float type.
double source_float(const PtxInstruction& i, const uint64_t* r, unsigned place) {
  switch (i.from) {
    case PtxType::f16: return HalfFormat::widen(uint16_t(r[place]));
    case PtxType::bf16: return BFloat16Format::widen(uint16_t(r[place]));
    case PtxType::f64: return get<double>(r, place);
    default: return i.ftz ? flushed(get<float>(r, place)) : get<float>(r, place);
  }
}
bool is_float_type(PtxType type) { return type == PtxType::f16 || type == PtxType::bf16 || type == PtxType::f32 || type == PtxType::f64 || type == PtxType::tf32; }

template <class T>
T integer_from(const PtxInstruction& i, double v) {
  if (i.from == PtxType::f64) return to_integer<T>(v, integer_rounding(i.mode & 3));
  const double x = rounded_integral(v, integer_rounding(i.mode & 3));
  if (x != x) return T(0);
  return x >= double(std::numeric_limits<T>::max()) ? std::numeric_limits<T>::max() : x <= double(std::numeric_limits<T>::min()) ? std::numeric_limits<T>::min() : T(x);
}
int direction_of(unsigned mode) { return mode == 1 ? FE_TOWARDZERO : mode == 2 ? FE_UPWARD : mode == 3 ? FE_DOWNWARD : FE_TONEAREST; }

void put_float(const PtxInstruction& i, uint64_t* r, unsigned place, double v) {
  if (i.mode & 8) v = rounded_integral(v, integer_rounding(i.mode & 3));
  if (i.sat) v = v > 0 ? (v < 1 ? v : 1.0) : 0.0;
  if (i.relu && v < 0) v = 0;
  const Round round = Round(i.mode & 3);
  switch (i.type) {
    case PtxType::f64: put<double>(r, place, v); break;
    case PtxType::f16: put<uint16_t>(r, place, narrow<HalfFormat>(float_to_odd(v), round)); break;
    case PtxType::bf16: put<uint16_t>(r, place, narrow<BFloat16Format>(float_to_odd(v), round)); break;
    case PtxType::tf32: {  // 10 bits of significand, ties away from zero (rna) or to even (rn)
      const uint32_t bits = bit_cast<uint32_t>(float(v));
      const uint32_t add = i.vector == 2 ? 0x1000 : round == Round::zero ? 0 : 0xfff + (bits >> 13 & 1);
      put<uint32_t>(r, place, v != v ? 0x7fffffff : (bits + add) & 0xffffe000);
      break;
    }
    default: {
      const float f = narrowed<float>(v, direction_of(i.mode & 3));
      put<float>(r, place, i.ftz ? flushed(f) : f);
    }
  }
}
template <class To>
void put_integer(const PtxInstruction& i, uint64_t* r, __int128 v) {
  if (i.sat) v = v > std::numeric_limits<To>::max() ? std::numeric_limits<To>::max() : v < std::numeric_limits<To>::min() ? std::numeric_limits<To>::min() : v;
  put<To>(r, i.place[0], To(v));
}

template <class T>
void by_target(const PtxInstruction& i, uint64_t* r, T v) {
  const bool fractional = std::is_floating_point_v<T>;
  const auto to = [&]<class To>(To) {
    if constexpr (std::is_floating_point_v<T>) put<To>(r, i.place[0], integer_from<To>(i, v));
    else put_integer<To>(i, r, v);
  };
  switch (i.type) {
    case PtxType::u8: return to(uint8_t());
    case PtxType::s8: return to(int8_t());
    case PtxType::u16: return to(uint16_t());
    case PtxType::s16: return to(int16_t());
    case PtxType::u32: return to(uint32_t());
    case PtxType::s32: return to(int32_t());
    case PtxType::u64: return to(uint64_t());
    case PtxType::s64: return to(int64_t());
    default: break;
  }
  if constexpr (std::is_floating_point_v<T>) put_float(i, r, i.place[0], v);
  else if (i.type == PtxType::f32) put<float>(r, i.place[0], std::is_signed_v<T> ? from_integer<float>(int64_t(v), direction_of(i.mode)) : from_integer<float>(uint64_t(v), direction_of(i.mode)));
  else if (i.type == PtxType::f64) put<double>(r, i.place[0], std::is_signed_v<T> ? from_integer<double>(int64_t(v), direction_of(i.mode)) : from_integer<double>(uint64_t(v), direction_of(i.mode)));
  else if (i.type == PtxType::f16) put<uint16_t>(r, i.place[0], narrow_integer<HalfFormat>(v, Round(i.mode)));
  else put<uint16_t>(r, i.place[0], narrow_integer<BFloat16Format>(v, Round(i.mode)));
  (void)fractional;
}

void convert(const PtxInstruction& i, uint64_t* r) {
  const unsigned p = i.place[1];
  switch (i.from) {
    case PtxType::u8: return by_target(i, r, get<uint8_t>(r, p));
    case PtxType::s8: return by_target(i, r, get<int8_t>(r, p));
    case PtxType::u16: return by_target(i, r, get<uint16_t>(r, p));
    case PtxType::s16: return by_target(i, r, get<int16_t>(r, p));
    case PtxType::u32: return by_target(i, r, get<uint32_t>(r, p));
    case PtxType::s32: return by_target(i, r, get<int32_t>(r, p));
    case PtxType::u64: return by_target(i, r, get<uint64_t>(r, p));
    case PtxType::s64: return by_target(i, r, get<int64_t>(r, p));
    default: return by_target(i, r, source_float(i, r, p));
  }
}
// cvt.rn.f16x2.f32 d, a, b: a goes to the upper half.
void convert_pair(const PtxInstruction& i, uint64_t* r) {
  PtxInstruction one = i;
  one.type = i.type == PtxType::f16x2 ? PtxType::f16 : PtxType::bf16;
  uint64_t halves[2] = {r[i.place[2]], r[i.place[1]]};
  for (unsigned k = 0; k < 2; ++k) put_float(one, halves, k, source_float(one, halves, k));
  r[i.place[0]] = (halves[1] & 0xffff) << 16 | (halves[0] & 0xffff);
}

}  // namespace

bool decode_convert(const PtxOpcode& opcode, PtxInstruction& i) {
  if (opcode.parts[0] != "cvt") return false;
  const size_t n = opcode.parts.size();
  if (n < 3) return false;
  i.from = i.type;
  i.type = ptx_type(opcode.parts[n - 2]);
  i.mode = 0;
  for (unsigned k = 0; k < 4; ++k) {
    static constexpr std::string_view to_float[] = {"rn", "rz", "rp", "rm"}, to_integral[] = {"rni", "rzi", "rpi", "rmi"};
    if (opcode.has(to_float[k])) i.mode = k;
    if (opcode.has(to_integral[k])) i.mode = k | (is_float_type(i.type) ? 8 : 0);
  }
  i.vector = opcode.has("rna") ? 2 : 1;
  if (i.type == PtxType::f16x2 || i.type == PtxType::bf16x2) {
    i.handler = convert_pair;
    return i.from == PtxType::f32;
  }
  const auto known = [](PtxType t) { return (t >= PtxType::u8 && t <= PtxType::s64) || is_float_type(t); };
  i.handler = convert;
  return known(i.type) && known(i.from) && i.from != PtxType::tf32;
}

}  // namespace harness_cuda
