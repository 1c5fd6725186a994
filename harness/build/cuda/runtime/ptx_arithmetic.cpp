// PTX arithmetic, logic, comparisons and moves.
#include <cfenv>
#include <cmath>
#include <map>

#include "harness_cuda/bfloat16.h"
#include "ptx.h"

namespace harness_cuda {
namespace {

enum Op : unsigned {
  kAdd, kSub, kMul, kMulHi, kMulWide, kMad, kMadHi, kMadWide, kMul24, kMad24, kFma, kDiv, kRem, kAbs, kNeg, kMin, kMax, kRcp, kSqrt,
  kRsqrt, kSin, kCos, kLg2, kEx2, kTanh, kCopysign, kAnd, kOr, kXor, kNot, kCnot, kShl, kShr, kPopc, kClz, kBrev, kBfind, kBfe, kSad
};

float finished(const PtxInstruction& i, float v) {
  if (i.ftz) v = flushed(v);
  if (i.sat) v = __saturatef(v);
  if (i.relu && v < 0) v = 0;
  return v;
}
double finished(const PtxInstruction&, double v) { return v; }

// One operation on floats of any width; 16-bit ones come here widened.
template <class F>
F float_op(const PtxInstruction& i, F a, F b, F c) {
  switch (i.mode) {
    case kAdd: return i.direction ? in_direction(i.direction, [](F x, F y, F) { return x + y; }, a, b) : rounded(a + b);
    case kSub: return i.direction ? in_direction(i.direction, [](F x, F y, F) { return x - y; }, a, b) : rounded(a - b);
    case kMul: return i.direction ? in_direction(i.direction, [](F x, F y, F) { return x * y; }, a, b) : rounded(a * b);
    case kDiv: return i.direction ? in_direction(i.direction, [](F x, F y, F) { return x / y; }, a, b) : a / b;
    case kFma: return i.direction ? in_direction(i.direction, [](F x, F y, F z) { return std::fma(x, y, z); }, a, b, c) : std::fma(a, b, c);
    case kRcp: return i.direction ? in_direction(i.direction, [](F x, F, F) { return 1 / x; }, a) : 1 / a;
    case kSqrt: return i.direction ? in_direction(i.direction, [](F x, F, F) { return std::sqrt(x); }, a) : std::sqrt(a);
    case kMin: return i.propagate_nan && (a != a || b != b) ? a + b : a != a ? b : b != b ? a : a < b || (a == b && std::signbit(a)) ? a : b;
    case kMax: return i.propagate_nan && (a != a || b != b) ? a + b : a != a ? b : b != b ? a : a > b || (a == b && !std::signbit(a)) ? a : b;
    case kAbs: return std::fabs(a);
    case kNeg: return -a;
    case kRsqrt: return F(1 / std::sqrt(double(a)));
    case kSin: return F(std::sin(turns(float(a))));
    case kCos: return F(std::cos(turns(float(a))));
    case kLg2: return std::log2(a);
    case kEx2: return std::exp2(a);
    case kTanh: return std::tanh(a);
    default: return std::copysign(b, a);  // copysign d, a, b: the sign of a on b
  }
}
template <class F>
void float_handler(const PtxInstruction& i, uint64_t* r) {
  F a = get<F>(r, i.place[1]), b = i.count > 2 ? get<F>(r, i.place[2]) : F(), c = i.count > 3 ? get<F>(r, i.place[3]) : F();
  if constexpr (sizeof(F) == 4)
    if (i.ftz) a = flushed(a), b = flushed(b), c = flushed(c);
  put<F>(r, i.place[0], finished(i, float_op(i, a, b, c)));
}
template <class Format, int N>
void small_handler(const PtxInstruction& i, uint64_t* r) {
  uint64_t result = 0;
  for (int shift = 0; shift < 16 * N; shift += 16) {
    const auto part = [&](unsigned n) { return n < i.count ? uint16_t(r[i.place[n]] >> shift) : uint16_t(0); };
    const float a = Format::widen(part(1)), b = Format::widen(part(2)), c = Format::widen(part(3));
    uint16_t bits;
    if (i.mode == kAbs) bits = part(1) & 0x7fff;
    else if (i.mode == kNeg) bits = part(1) ^ 0x8000;
    else bits = Format::narrow(finished(i, i.mode == kFma ? Format::fma(a, b, c) : float_op(i, a, b, c)));
    result |= uint64_t(bits) << shift;
  }
  r[i.place[0]] = result;
}

template <class T>
void integer_handler(const PtxInstruction& i, uint64_t* r) {
  using U = std::make_unsigned_t<T>;
  using Wide = std::conditional_t<std::is_signed_v<T>, __int128, unsigned __int128>;
  constexpr unsigned width = 8 * sizeof(T);
  const T a = get<T>(r, i.place[1]), b = i.count > 2 ? get<T>(r, i.place[2]) : T(), c = i.count > 3 ? get<T>(r, i.place[3]) : T();
  const unsigned amount = i.count > 2 ? unsigned(std::min<uint64_t>(get<uint32_t>(r, i.place[2]), width)) : 0;
  const auto to = [&](auto v) { put<T>(r, i.place[0], T(v)); };
  switch (i.mode) {
    case kAdd: {
      if constexpr (std::is_signed_v<T>)
        if (i.sat) return to(std::max<Wide>(std::min<Wide>(Wide(a) + b, std::numeric_limits<T>::max()), std::numeric_limits<T>::min()));
      return to(U(a) + U(b));
    }
    case kSub: {
      if constexpr (std::is_signed_v<T>)
        if (i.sat) return to(std::max<Wide>(std::min<Wide>(Wide(a) - b, std::numeric_limits<T>::max()), std::numeric_limits<T>::min()));
      return to(U(a) - U(b));
    }
    case kMul: return to(U(uint64_t(a) * uint64_t(b)));
    case kMulHi: return to(Wide(a) * Wide(b) >> width);
    case kMulWide: return put<uint64_t>(r, i.place[0], uint64_t(Wide(a) * Wide(b)));
    case kMad: return to(U(uint64_t(a) * uint64_t(b) + uint64_t(c)));
    case kMadHi: return to(U(T(Wide(a) * Wide(b) >> width)) + U(c));
    case kMadWide: return put<uint64_t>(r, i.place[0], uint64_t(Wide(a) * Wide(b)) + r[i.place[3]]);
    case kMul24:
    case kMad24: {
      const auto cut = [](T v) { return std::is_signed_v<T> ? int64_t(int32_t(uint32_t(v) << 8) >> 8) : int64_t(v & 0xffffff); };
      return to(U(cut(a) * cut(b)) + (i.mode == kMad24 ? U(c) : U(0)));
    }
    case kDiv: return to(b == 0 ? T(~U(0)) : std::is_signed_v<T> && b == T(-1) ? T(U(0) - U(a)) : T(a / b));
    case kRem: return to(b == 0 ? a : std::is_signed_v<T> && b == T(-1) ? T(0) : T(a % b));
    case kAbs: return to(a < 0 ? U(0) - U(a) : U(a));
    case kNeg: return to(U(0) - U(a));
    case kMin: return to(i.relu && std::min(a, b) < 0 ? T(0) : std::min(a, b));
    case kMax: return to(i.relu && std::max(a, b) < 0 ? T(0) : std::max(a, b));
    case kAnd: return to(a & b);
    case kOr: return to(a | b);
    case kXor: return to(a ^ b);
    case kNot: return to(~a);
    case kCnot: return to(a == 0);
    case kShl: return to(amount >= width ? U(0) : U(U(a) << amount));
    case kShr: return to(amount >= width ? (std::is_signed_v<T> && a < 0 ? T(-1) : T(0)) : T(a >> amount));
    case kPopc: return put<uint32_t>(r, i.place[0], uint32_t(__builtin_popcountll(uint64_t(U(a)))));
    case kClz: return put<uint32_t>(r, i.place[0], U(a) ? uint32_t(__builtin_clzll(uint64_t(U(a)))) - (64 - width) : width);
    case kBrev: return to(__brevll(uint64_t(U(a))) >> (64 - width));
    case kBfind: {  // the most significant bit that is not the sign's
      const U v = std::is_signed_v<T> && a < 0 ? U(~a) : U(a);
      const uint32_t bit = v ? 63 - uint32_t(__builtin_clzll(uint64_t(v))) : ~0u;
      return put<uint32_t>(r, i.place[0], v && i.vector == 2 ? width - 1 - bit : bit);
    }
    case kBfe: {
      const unsigned position = get<uint32_t>(r, i.place[2]) & 255, length = get<uint32_t>(r, i.place[3]) & 255;
      if (length == 0) return to(0);
      const bool sign = std::is_signed_v<T> && (U(a) >> std::min(position + length - 1, width - 1) & 1);
      U v = position >= width ? U(0) : U(U(a) >> position);
      const unsigned kept = position >= width ? 0 : std::min(length, width - position);
      if (kept < width) v = (v & ((U(1) << kept) - 1)) | (sign ? U(~U(0)) << kept : U(0));
      return to(v);
    }
    default: return to(U(c) + (a > b ? U(a) - U(b) : U(b) - U(a)));  // sad
  }
}

void predicate_logic(const PtxInstruction& i, uint64_t* r) {
  const bool a = (r[i.place[1]] & 1) != unsigned(i.negated[1]), b = i.count > 2 && (r[i.place[2]] & 1) != unsigned(i.negated[2]);
  r[i.place[0]] = i.mode == kAnd ? a && b : i.mode == kOr ? a || b : i.mode == kXor ? a != b : i.mode == kNot ? !a : a;
}
void carry_handler(const PtxInstruction& i, uint64_t* r) {  // add.cc, addc, sub.cc, subc on 32 and 64 bits
  uint64_t& carry = r[kPtxMostPlaces + 1];
  const bool wide = ptx_bytes(i.type) == 8, minus = i.mode & 2;
  const unsigned __int128 a = wide ? r[i.place[1]] : uint32_t(r[i.place[1]]), given = wide ? r[i.place[2]] : uint32_t(r[i.place[2]]);
  const unsigned __int128 b = minus ? (wide ? ~uint64_t(given) : ~uint32_t(given)) : given;
  const unsigned __int128 sum = a + b + ((i.mode & 1) ? ((carry != 0) != minus) : minus);
  const bool out = (sum >> (wide ? 64 : 32)) & 1;
  if (i.mode & 4) carry = uint64_t(out != minus);
  r[i.place[0]] = wide ? uint64_t(sum) : uint32_t(sum);
}
void lop3(const PtxInstruction& i, uint64_t* r) {
  const auto a = uint32_t(r[i.place[1]]), b = uint32_t(r[i.place[2]]), c = uint32_t(r[i.place[3]]), table = uint32_t(r[i.place[4]]);
  uint32_t v = 0;
  for (unsigned k = 0; k < 8; ++k)
    if (table >> k & 1) v |= (k & 4 ? a : ~a) & (k & 2 ? b : ~b) & (k & 1 ? c : ~c);
  r[i.place[0]] = v;
}
void prmt(const PtxInstruction& i, uint64_t* r) {
  const uint64_t bytes = uint64_t(uint32_t(r[i.place[2]])) << 32 | uint32_t(r[i.place[1]]);
  const auto selector = uint32_t(r[i.place[3]]);
  uint32_t v = 0;
  for (unsigned k = 0; k < 4; ++k) {
    const unsigned nibble = selector >> 4 * k & 15;
    auto byte = uint8_t(bytes >> 8 * (nibble & 7));
    if (nibble & 8) byte = byte & 0x80 ? 0xff : 0;
    v |= uint32_t(byte) << 8 * k;
  }
  r[i.place[0]] = v;
}
void bfi(const PtxInstruction& i, uint64_t* r) {  // bfi d, a, b, position, length: bits of a go into b
  const unsigned width = 8 * ptx_bytes(i.type), position = uint32_t(r[i.place[3]]) & 255, length = uint32_t(r[i.place[4]]) & 255;
  uint64_t mask = position >= width || length == 0 ? 0 : (length >= 64 ? ~uint64_t(0) : (uint64_t(1) << length) - 1) << position;
  if (width == 32) mask &= 0xffffffff;
  const uint64_t v = (r[i.place[2]] & ~mask) | (position < 64 ? r[i.place[1]] << position & mask : 0);
  r[i.place[0]] = width == 32 ? uint32_t(v) : v;
}
void shf(const PtxInstruction& i, uint64_t* r) {  // mode 0 left wrap, 1 right wrap, 2 left clamp, 3 right clamp
  const auto low = uint32_t(r[i.place[1]]), high = uint32_t(r[i.place[2]]), amount = uint32_t(r[i.place[3]]);
  r[i.place[0]] = i.mode == 0   ? __funnelshift_l(low, high, amount)
                  : i.mode == 1 ? __funnelshift_r(low, high, amount)
                  : i.mode == 2 ? __funnelshift_lc(low, high, amount)
                                : __funnelshift_rc(low, high, amount);
}
void dp4a(const PtxInstruction& i, uint64_t* r) {
  const auto a = uint32_t(r[i.place[1]]), b = uint32_t(r[i.place[2]]);
  uint32_t sum = uint32_t(r[i.place[3]]);
  for (unsigned s = 0; s < 32; s += 8)
    sum += uint32_t((i.mode & 1 ? int8_t(a >> s) : int(uint8_t(a >> s))) * (i.mode & 2 ? int8_t(b >> s) : int(uint8_t(b >> s))));
  r[i.place[0]] = sum;
}

template <class T>
bool compared(PtxCompare how, T a, T b) {
  const bool unordered = a != a || b != b;
  switch (how) {
    case PtxCompare::eq: return a == b;
    case PtxCompare::ne: return !unordered && a != b;
    case PtxCompare::lt: return a < b;
    case PtxCompare::le: return a <= b;
    case PtxCompare::gt: return a > b;
    case PtxCompare::ge: return a >= b;
    case PtxCompare::equ: return unordered || a == b;
    case PtxCompare::neu: return unordered || a != b;
    case PtxCompare::ltu: return unordered || a < b;
    case PtxCompare::leu: return unordered || a <= b;
    case PtxCompare::gtu: return unordered || a > b;
    case PtxCompare::geu: return unordered || a >= b;
    case PtxCompare::num: return !unordered;
    default: return unordered;
  }
}
bool compare(const PtxInstruction& i, uint64_t* r, unsigned first) {
  const auto with = [&]<class T>(T) { return compared(i.compare, get<T>(r, i.place[first]), get<T>(r, i.place[first + 1])); };
  switch (i.type) {
    case PtxType::u16: case PtxType::b16: return with(uint16_t());
    case PtxType::s16: return with(int16_t());
    case PtxType::u32: case PtxType::b32: return with(uint32_t());
    case PtxType::s32: return with(int32_t());
    case PtxType::u64: case PtxType::b64: return with(uint64_t());
    case PtxType::s64: return with(int64_t());
    case PtxType::f32: return with(float());
    case PtxType::f64: return with(double());
    case PtxType::f16: return compared(i.compare, HalfFormat::widen(uint16_t(r[i.place[first]])), HalfFormat::widen(uint16_t(r[i.place[first + 1]])));
    default: return compared(i.compare, BFloat16Format::widen(uint16_t(r[i.place[first]])), BFloat16Format::widen(uint16_t(r[i.place[first + 1]])));
  }
}
bool combined(const PtxInstruction& i, uint64_t* r, bool v, unsigned place) {
  if (i.combine == PtxBool::none) return v;
  const bool other = (r[i.place[place]] & 1) != unsigned(i.negated[place]);
  return i.combine == PtxBool::conjunction ? v && other : i.combine == PtxBool::disjunction ? v || other : v != other;
}
void setp(const PtxInstruction& i, uint64_t* r) {
  const unsigned outputs = i.count - (i.combine == PtxBool::none ? 2 : 3);
  const bool v = compare(i, r, outputs);
  r[i.place[0]] = combined(i, r, v, outputs + 2);
  if (outputs == 2) r[i.place[1]] = combined(i, r, !v, outputs + 2);
}
void set(const PtxInstruction& i, uint64_t* r) {
  const bool v = combined(i, r, compare(i, r, 1), 3);
  r[i.place[0]] = !v ? 0 : i.from == PtxType::f32 ? 0x3f800000 : 0xffffffff;
}
void selp(const PtxInstruction& i, uint64_t* r) {
  r[i.place[0]] = (r[i.place[3]] & 1) != unsigned(i.negated[3]) ? r[i.place[1]] : r[i.place[2]];
}
void slct(const PtxInstruction& i, uint64_t* r) {
  const bool first = i.type == PtxType::f32 ? get<float>(r, i.place[3]) >= 0 : get<int32_t>(r, i.place[3]) >= 0;
  r[i.place[0]] = r[i.place[first ? 1 : 2]];
}
void testp(const PtxInstruction& i, uint64_t* r) {
  const double v = i.type == PtxType::f64 ? get<double>(r, i.place[1]) : double(get<float>(r, i.place[1]));
  const double least = i.type == PtxType::f64 ? 2.2250738585072014e-308 : 1.17549435e-38;
  const bool answers[] = {std::isfinite(v), std::isinf(v), !std::isnan(v), std::isnan(v), std::isfinite(v) && std::fabs(v) >= least,
                          v != 0 && std::fabs(v) < least};
  r[i.place[0]] = answers[i.mode];
}
// mov of a register, or between a register and its parts in braces.
void mov(const PtxInstruction& i, uint64_t* r) {
  const unsigned width = 8 * ptx_bytes(i.type);
  if (i.group[0] > 1) {
    const unsigned part = width / i.group[0];
    for (unsigned k = 0; k < i.group[0]; ++k) r[i.place[k]] = r[i.place[i.group[0]]] >> part * k & (~uint64_t(0) >> (64 - part));
  } else if (i.group[1] > 1) {
    const unsigned part = width / i.group[1];
    uint64_t v = 0;
    for (unsigned k = 0; k < i.group[1]; ++k) v |= (r[i.place[1 + k]] & (~uint64_t(0) >> (64 - part))) << part * k;
    r[i.place[0]] = v;
  } else {
    r[i.place[0]] = width >= 64 ? r[i.place[1]] : r[i.place[1]] & ((uint64_t(1) << width) - 1);
  }
}

PtxHandler by_type(PtxType type) {
  switch (type) {
    case PtxType::u16: case PtxType::b16: return integer_handler<uint16_t>;
    case PtxType::s16: return integer_handler<int16_t>;
    case PtxType::u32: case PtxType::b32: return integer_handler<uint32_t>;
    case PtxType::s32: return integer_handler<int32_t>;
    case PtxType::u64: case PtxType::b64: return integer_handler<uint64_t>;
    case PtxType::s64: return integer_handler<int64_t>;
    case PtxType::f32: return float_handler<float>;
    case PtxType::f64: return float_handler<double>;
    case PtxType::f16: return small_handler<HalfFormat, 1>;
    case PtxType::f16x2: return small_handler<HalfFormat, 2>;
    case PtxType::bf16: return small_handler<BFloat16Format, 1>;
    case PtxType::bf16x2: return small_handler<BFloat16Format, 2>;
    default: return nullptr;
  }
}
bool is_float(PtxType type) { return type >= PtxType::f16 && type <= PtxType::f64; }

bool decode_compare(const PtxOpcode& opcode, PtxInstruction& i) {
  static const std::map<std::string_view, PtxCompare> names = {
      {"eq", PtxCompare::eq}, {"ne", PtxCompare::ne}, {"lt", PtxCompare::lt}, {"le", PtxCompare::le}, {"gt", PtxCompare::gt}, {"ge", PtxCompare::ge},
      {"lo", PtxCompare::lt}, {"ls", PtxCompare::le}, {"hi", PtxCompare::gt}, {"hs", PtxCompare::ge}, {"equ", PtxCompare::equ}, {"neu", PtxCompare::neu},
      {"ltu", PtxCompare::ltu}, {"leu", PtxCompare::leu}, {"gtu", PtxCompare::gtu}, {"geu", PtxCompare::geu}, {"num", PtxCompare::num}, {"nan", PtxCompare::nan}};
  const auto found = names.find(opcode.at(1));
  if (found == names.end() || i.type == PtxType::none || i.type == PtxType::f16x2 || i.type == PtxType::bf16x2) return false;
  i.compare = found->second;
  i.combine = opcode.has("and") ? PtxBool::conjunction : opcode.has("or") ? PtxBool::disjunction : opcode.has("xor") ? PtxBool::exclusive : PtxBool::none;
  i.from = opcode.parts[0] == "set" ? ptx_type(opcode.parts[opcode.parts.size() - 2]) : PtxType::none;
  i.handler = opcode.parts[0] == "set" ? set : setp;
  return true;
}

}  // namespace

bool decode_arithmetic(const PtxOpcode& opcode, PtxInstruction& i) {
  static const std::map<std::string_view, Op> operations = {
      {"add", kAdd}, {"sub", kSub}, {"mul", kMul}, {"mad", kMad}, {"fma", kFma}, {"div", kDiv}, {"rem", kRem}, {"abs", kAbs}, {"neg", kNeg}, {"min", kMin},
      {"max", kMax}, {"rcp", kRcp}, {"sqrt", kSqrt}, {"rsqrt", kRsqrt}, {"sin", kSin}, {"cos", kCos}, {"lg2", kLg2}, {"ex2", kEx2}, {"tanh", kTanh},
      {"copysign", kCopysign}, {"and", kAnd}, {"or", kOr}, {"xor", kXor}, {"not", kNot}, {"cnot", kCnot}, {"shl", kShl}, {"shr", kShr}, {"popc", kPopc},
      {"clz", kClz}, {"brev", kBrev}, {"bfind", kBfind}, {"bfe", kBfe}, {"sad", kSad}, {"mul24", kMul24}, {"mad24", kMad24}};
  static const std::map<std::string_view, PtxHandler> others = {{"lop3", lop3}, {"prmt", prmt}, {"bfi", bfi}, {"selp", selp}, {"slct", slct}, {"mov", mov}};
  const std::string_view name = opcode.parts[0];
  i.direction = opcode.has("rz") ? FE_TOWARDZERO : opcode.has("rp") ? FE_UPWARD : opcode.has("rm") ? FE_DOWNWARD : FE_TONEAREST;
  if (const auto other = others.find(name); other != others.end()) {
    if (name == "prmt" && opcode.parts.size() > 2) return false;  // prmt.b32.f4e and its like
    i.handler = other->second;
    return i.type != PtxType::none;
  }
  if (name == "set" || name == "setp") return decode_compare(opcode, i);
  if (name == "testp") {
    static constexpr std::string_view tests[] = {"finite", "infinite", "number", "notanumber", "normal", "subnormal"};
    i.handler = testp;
    for (i.mode = 0; i.mode < 6; ++i.mode)
      if (tests[i.mode] == opcode.at(1)) return true;
    return false;
  }
  if (name == "shf") {
    i.mode = (opcode.at(1) == "r") + (opcode.at(2) == "clamp" ? 2 : 0);
    i.handler = shf;
    return true;
  }
  if (name == "dp4a") {
    i.mode = (opcode.at(1) == "s32") + (opcode.at(2) == "s32" ? 2 : 0);
    i.handler = dp4a;
    return true;
  }
  const bool carries = opcode.has("cc"), uses_carry = name == "addc" || name == "subc";
  if (carries || uses_carry) {
    if (name.substr(0, 3) != "add" && name.substr(0, 3) != "sub") return false;
    i.mode = unsigned(uses_carry) + (name[0] == 's' ? 2 : 0) + (carries ? 4 : 0);
    i.handler = carry_handler;
    return ptx_bytes(i.type) >= 4;
  }
  const auto found = operations.find(name);
  if (found == operations.end()) return false;
  i.mode = found->second;
  if (i.type == PtxType::pred) {
    i.handler = predicate_logic;
    return i.mode == kAnd || i.mode == kOr || i.mode == kXor || i.mode == kNot;
  }
  if (opcode.has("hi")) i.mode = i.mode == kMul ? kMulHi : i.mode == kMad ? kMadHi : i.mode;
  if (opcode.has("wide")) i.mode = i.mode == kMul ? kMulWide : kMadWide;
  if (i.mode == kBfind && opcode.has("shiftamt")) i.vector = 2;
  if (i.mode == kMad && is_float(i.type)) i.mode = kFma;
  if ((i.mode == kDiv && opcode.has("full")) || (i.mode == kRcp && opcode.has("ftz64h"))) i.direction = 0;
  i.handler = by_type(i.type);
  return i.handler != nullptr && !(is_float(i.type) && i.mode >= kAnd);
}

}  // namespace harness_cuda
