// Functions on bits and integers: counts, permutations, multiplications' halves, packed bytes and half-words.
#pragma once
#include <cstdint>
#include <cstring>
#include "vector.h"

namespace harness_cuda {
template <class To, class From>
constexpr To bit_cast(const From& value) {
  static_assert(sizeof(To) == sizeof(From));
  return __builtin_bit_cast(To, value);
}

// Applies `op` to the four bytes, or the two half-words, of packed words. Lane is the element's type.
template <class Lane, class Op>
inline unsigned packed(unsigned a, unsigned b, Op op) {
  constexpr unsigned width = 8 * sizeof(Lane);
  constexpr unsigned mask = (1u << width) - 1;
  unsigned result = 0;
  for (unsigned shift = 0; shift < 32; shift += width)
    result |= (static_cast<unsigned>(op(int(Lane(a >> shift)), int(Lane(b >> shift)))) & mask) << shift;
  return result;
}
template <class Lane>
inline int saturated(int v) {
  constexpr bool is_signed = Lane(-1) < Lane(0);
  constexpr int high = is_signed ? (1 << (8 * sizeof(Lane) - 1)) - 1 : int((1u << (8 * sizeof(Lane))) - 1);
  constexpr int low = is_signed ? -high - 1 : 0;
  return v < low ? low : v > high ? high : v;
}
}  // namespace harness_cuda

constexpr int __float_as_int(float v) { return harness_cuda::bit_cast<int>(v); }
constexpr unsigned __float_as_uint(float v) { return harness_cuda::bit_cast<unsigned>(v); }
constexpr float __int_as_float(int v) { return harness_cuda::bit_cast<float>(v); }
constexpr float __uint_as_float(unsigned v) { return harness_cuda::bit_cast<float>(v); }
constexpr long long __double_as_longlong(double v) { return harness_cuda::bit_cast<long long>(v); }
constexpr double __longlong_as_double(long long v) { return harness_cuda::bit_cast<double>(v); }
inline int __double2hiint(double v) { return int(harness_cuda::bit_cast<uint64_t>(v) >> 32); }
inline int __double2loint(double v) { return int(harness_cuda::bit_cast<uint64_t>(v)); }
inline double __hiloint2double(int high, int low) {
  return harness_cuda::bit_cast<double>(uint64_t(uint32_t(high)) << 32 | uint32_t(low));
}

inline int __popc(unsigned v) { return __builtin_popcount(v); }
inline int __popcll(unsigned long long v) { return __builtin_popcountll(v); }
inline int __clz(int v) { return v ? __builtin_clz(unsigned(v)) : 32; }
inline int __clzll(long long v) { return v ? __builtin_clzll(static_cast<unsigned long long>(v)) : 64; }
inline int __ffs(int v) { return __builtin_ffs(v); }
inline int __ffsll(long long v) { return __builtin_ffsll(v); }
inline unsigned __brev(unsigned v) {
  v = (v >> 1 & 0x55555555u) | (v & 0x55555555u) << 1;
  v = (v >> 2 & 0x33333333u) | (v & 0x33333333u) << 2;
  v = (v >> 4 & 0x0f0f0f0fu) | (v & 0x0f0f0f0fu) << 4;
  return __builtin_bswap32(v);
}
inline unsigned long long __brevll(unsigned long long v) {
  return static_cast<unsigned long long>(__brev(unsigned(v))) << 32 | __brev(unsigned(v >> 32));
}
// Where the n-th set bit from `base` is, upwards for n > 0 and downwards for n < 0; all ones if there is none.
inline unsigned __fns(unsigned mask, unsigned base, int n) {
  const int step = n > 0 ? 1 : -1;
  if (n == 0) return base < 32 && (mask >> base & 1) ? base : ~0u;
  for (int i = int(base), left = n > 0 ? n : -n; i >= 0 && i < 32; i += step)
    if ((mask >> i & 1) && --left == 0) return unsigned(i);
  return ~0u;
}
// Selector nibbles: the low three bits name a byte of {y, x}; the fourth replicates that byte's sign.
inline unsigned __byte_perm(unsigned x, unsigned y, unsigned s) {
  const uint64_t bytes = uint64_t(y) << 32 | x;
  unsigned result = 0;
  for (int i = 0; i < 4; ++i) result |= unsigned(bytes >> 8 * (s >> 4 * i & 7) & 0xff) << 8 * i;
  return result;
}
inline unsigned __funnelshift_l(unsigned low, unsigned high, unsigned shift) {
  return unsigned((uint64_t(high) << 32 | low) << (shift & 31) >> 32);
}
inline unsigned __funnelshift_r(unsigned low, unsigned high, unsigned shift) {
  return unsigned((uint64_t(high) << 32 | low) >> (shift & 31));
}
inline unsigned __funnelshift_lc(unsigned low, unsigned high, unsigned shift) {
  return shift >= 32 ? low : __funnelshift_l(low, high, shift);
}
inline unsigned __funnelshift_rc(unsigned low, unsigned high, unsigned shift) {
  return shift >= 32 ? high : __funnelshift_r(low, high, shift);
}

inline int __mulhi(int a, int b) { return int(int64_t(a) * b >> 32); }
inline unsigned __umulhi(unsigned a, unsigned b) { return unsigned(uint64_t(a) * b >> 32); }
inline long long __mul64hi(long long a, long long b) { return static_cast<long long>(static_cast<__int128>(a) * b >> 64); }
inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
  return static_cast<unsigned long long>(static_cast<unsigned __int128>(a) * b >> 64);
}
inline int mulhi(int a, int b) { return __mulhi(a, b); }
inline int __mul24(int a, int b) { return int(int64_t(a << 8 >> 8) * (b << 8 >> 8)); }
inline unsigned __umul24(unsigned a, unsigned b) { return (a & 0xffffffu) * (b & 0xffffffu); }
inline int __hadd(int a, int b) { return int((int64_t(a) + b) >> 1); }
inline int __rhadd(int a, int b) { return int((int64_t(a) + b + 1) >> 1); }
inline unsigned __uhadd(unsigned a, unsigned b) { return unsigned((uint64_t(a) + b) >> 1); }
inline unsigned __urhadd(unsigned a, unsigned b) { return unsigned((uint64_t(a) + b + 1) >> 1); }
inline unsigned __sad(int a, int b, unsigned c) {
  return c + unsigned(a > b ? int64_t(a) - b : int64_t(b) - a);
}
inline unsigned __usad(unsigned a, unsigned b, unsigned c) { return c + (a > b ? a - b : b - a); }

// Four products of bytes, added to c; the mixed forms take the signedness of each operand.
inline int __dp4a(int a, int b, int c) {
  for (int i = 0; i < 32; i += 8) c += int(int8_t(a >> i)) * int(int8_t(b >> i));
  return c;
}
inline unsigned __dp4a(unsigned a, unsigned b, unsigned c) {
  for (int i = 0; i < 32; i += 8) c += (a >> i & 0xff) * (b >> i & 0xff);
  return c;
}
inline int __dp4a(char4 a, char4 b, int c) { return c + a.x * b.x + a.y * b.y + a.z * b.z + a.w * b.w; }
inline unsigned __dp4a(uchar4 a, uchar4 b, unsigned c) { return c + a.x * b.x + a.y * b.y + a.z * b.z + a.w * b.w; }
inline int __dp2a_lo(int a, int b, int c) { return c + int16_t(a) * int8_t(b) + int16_t(a >> 16) * int8_t(b >> 8); }
inline int __dp2a_hi(int a, int b, int c) { return c + int16_t(a) * int8_t(b >> 16) + int16_t(a >> 16) * int8_t(b >> 24); }
inline unsigned __dp2a_lo(unsigned a, unsigned b, unsigned c) {
  return c + (a & 0xffff) * (b & 0xff) + (a >> 16) * (b >> 8 & 0xff);
}
inline unsigned __dp2a_hi(unsigned a, unsigned b, unsigned c) {
  return c + (a & 0xffff) * (b >> 16 & 0xff) + (a >> 16) * (b >> 24);
}

// The packed ("video") instructions that kernels use: ..4 works on bytes, ..2 on half-words; s/u is the signedness, ss/us saturates.
#define HARNESS_PACKED(NAME, LANE, EXPRESSION) \
  inline unsigned NAME(unsigned a, unsigned b) { return harness_cuda::packed<LANE>(a, b, [](int x, int y) { return EXPRESSION; }); }
#define HARNESS_PACKED_BOTH(NAME, LANE4, LANE2, EXPRESSION4, EXPRESSION2) \
  HARNESS_PACKED(NAME##4, LANE4, EXPRESSION4) HARNESS_PACKED(NAME##2, LANE2, EXPRESSION2)
#define HARNESS_PACKED_SAME(NAME, LANE4, LANE2, EXPRESSION) HARNESS_PACKED_BOTH(NAME, LANE4, LANE2, EXPRESSION, EXPRESSION)
HARNESS_PACKED_SAME(__vadd, uint8_t, uint16_t, x + y)
HARNESS_PACKED_SAME(__vsub, uint8_t, uint16_t, x - y)
HARNESS_PACKED_BOTH(__vaddss, int8_t, int16_t, harness_cuda::saturated<int8_t>(x + y), harness_cuda::saturated<int16_t>(x + y))
HARNESS_PACKED_BOTH(__vaddus, uint8_t, uint16_t, harness_cuda::saturated<uint8_t>(x + y), harness_cuda::saturated<uint16_t>(x + y))
HARNESS_PACKED_BOTH(__vsubss, int8_t, int16_t, harness_cuda::saturated<int8_t>(x - y), harness_cuda::saturated<int16_t>(x - y))
HARNESS_PACKED_BOTH(__vsubus, uint8_t, uint16_t, harness_cuda::saturated<uint8_t>(x - y), harness_cuda::saturated<uint16_t>(x - y))
HARNESS_PACKED_SAME(__vmaxs, int8_t, int16_t, x > y ? x : y)
HARNESS_PACKED_SAME(__vmaxu, uint8_t, uint16_t, x > y ? x : y)
HARNESS_PACKED_SAME(__vmins, int8_t, int16_t, x < y ? x : y)
HARNESS_PACKED_SAME(__vminu, uint8_t, uint16_t, x < y ? x : y)
HARNESS_PACKED_SAME(__vabsdiffs, int8_t, int16_t, x > y ? x - y : y - x)
HARNESS_PACKED_SAME(__vabsdiffu, uint8_t, uint16_t, x > y ? x - y : y - x)
HARNESS_PACKED_SAME(__vavgs, int8_t, int16_t, (x + y + (x + y >= 0)) >> 1)
HARNESS_PACKED_SAME(__vavgu, uint8_t, uint16_t, (x + y + 1) >> 1)
HARNESS_PACKED_SAME(__vhaddu, uint8_t, uint16_t, (x + y) >> 1)
HARNESS_PACKED_SAME(__vcmpeq, uint8_t, uint16_t, -(x == y))
HARNESS_PACKED_SAME(__vcmpne, uint8_t, uint16_t, -(x != y))
HARNESS_PACKED_SAME(__vcmpges, int8_t, int16_t, -(x >= y))
HARNESS_PACKED_SAME(__vcmpgeu, uint8_t, uint16_t, -(x >= y))
HARNESS_PACKED_SAME(__vcmpgts, int8_t, int16_t, -(x > y))
HARNESS_PACKED_SAME(__vcmpgtu, uint8_t, uint16_t, -(x > y))
HARNESS_PACKED_SAME(__vcmples, int8_t, int16_t, -(x <= y))
HARNESS_PACKED_SAME(__vcmpleu, uint8_t, uint16_t, -(x <= y))
HARNESS_PACKED_SAME(__vcmplts, int8_t, int16_t, -(x < y))
HARNESS_PACKED_SAME(__vcmpltu, uint8_t, uint16_t, -(x < y))
HARNESS_PACKED_SAME(__vseteq, uint8_t, uint16_t, x == y)
HARNESS_PACKED_SAME(__vsetne, uint8_t, uint16_t, x != y)
HARNESS_PACKED_SAME(__vsetgts, int8_t, int16_t, x > y)
HARNESS_PACKED_SAME(__vsetgtu, uint8_t, uint16_t, x > y)
HARNESS_PACKED_SAME(__vsetges, int8_t, int16_t, x >= y)
HARNESS_PACKED_SAME(__vsetgeu, uint8_t, uint16_t, x >= y)
#undef HARNESS_PACKED
#undef HARNESS_PACKED_BOTH
#undef HARNESS_PACKED_SAME

inline unsigned __vneg4(unsigned a) { return __vsub4(0, a); }
inline unsigned __vneg2(unsigned a) { return __vsub2(0, a); }
inline unsigned __vnegss4(unsigned a) { return __vsubss4(0, a); }
inline unsigned __vnegss2(unsigned a) { return __vsubss2(0, a); }
inline unsigned __vabs4(unsigned a) { return harness_cuda::packed<int8_t>(a, 0, [](int x, int) { return x < 0 ? -x : x; }); }
inline unsigned __vabs2(unsigned a) { return harness_cuda::packed<int16_t>(a, 0, [](int x, int) { return x < 0 ? -x : x; }); }
inline unsigned __vabsss4(unsigned a) {
  return harness_cuda::packed<int8_t>(a, 0, [](int x, int) { return harness_cuda::saturated<int8_t>(x < 0 ? -x : x); });
}
inline unsigned __vabsss2(unsigned a) {
  return harness_cuda::packed<int16_t>(a, 0, [](int x, int) { return harness_cuda::saturated<int16_t>(x < 0 ? -x : x); });
}
inline unsigned __vsadu4(unsigned a, unsigned b) { return __dp4a(__vabsdiffu4(a, b), 0x01010101u, 0u); }
inline unsigned __vsads4(unsigned a, unsigned b) { return __dp4a(__vabsdiffs4(a, b), 0x01010101u, 0u); }
