// How 16-bit floats are read and rounded. An operation on them is done in a wider type and rounded once: where the wider result
// is itself rounded, it is rounded to odd first, so that the second rounding cannot go wrong (Boldo and Melquiond, 2008).
#pragma once
#include <cstdint>
#include "bits.h"
#include "rounding.h"

// The arithmetic within one operation of 16 bits is none of the kernel's own.
#define HARNESS_UNCOUNTED __attribute__((no_sanitize_coverage))

namespace harness_cuda {
// Nudges `v`, which stands for v + error, to the neighbour with an odd significand if the sum is not exact.
HARNESS_UNCOUNTED inline float to_odd(float v, float error) {
  if (!(error != 0 && error == error)) return v;
  const uint32_t bits = bit_cast<uint32_t>(v);
  if (bits & 1) return v;
  return bit_cast<float>(bits + ((error > 0) == (v > 0) ? 1 : -1));
}
HARNESS_UNCOUNTED inline double to_odd(double v, double error) {
  if (!(error != 0 && error == error)) return v;
  const uint64_t bits = bit_cast<uint64_t>(v);
  if (bits & 1) return v;
  return bit_cast<double>(bits + ((error > 0) == (v > 0) ? 1 : -1));
}
template <class F>
HARNESS_UNCOUNTED inline F sum_to_odd(F a, F b) {
  const F s = a + b, other = s - a;
  return to_odd(s, F((a - (s - other)) + (b - other)));
}
HARNESS_UNCOUNTED inline float float_to_odd(double v) {
  const float f = float(v);
  if (double(f) == v || v != v) return f;
  const uint32_t bits = bit_cast<uint32_t>(f);
  if (bits & 1) return f;
  if (f == 0) return __builtin_copysignf(1.40129846e-45f, float(v > 0 ? 1 : -1));
  return bit_cast<float>(bits + ((v > double(f)) == (f > 0) ? 1 : -1));
}
inline double double_to_odd(unsigned long long magnitude, bool negative) {
  double scale = negative ? -1.0 : 1.0;
  if (magnitude >> 53) {
    magnitude = magnitude >> 11 | ((magnitude & 2047) != 0);
    scale *= 2048;
  }
  return double(magnitude) * scale;
}

struct HalfFormat {  // IEEE binary16
  static constexpr uint16_t one = 0x3c00, infinity = 0x7c00, quiet_nan = 0x7fff;
  HARNESS_UNCOUNTED static float widen(uint16_t bits) { return float(__builtin_bit_cast(_Float16, bits)); }
  HARNESS_UNCOUNTED static uint16_t narrow(float v) {
    return v != v ? quiet_nan : __builtin_bit_cast(uint16_t, static_cast<_Float16>(v));
  }
  HARNESS_UNCOUNTED static float fma(float a, float b, float c) { return sum_to_odd(a * b, c); }  // the product has 22 bits: exact
};
struct BFloat16Format {  // the upper half of binary32
  static constexpr uint16_t one = 0x3f80, infinity = 0x7f80, quiet_nan = 0x7fff;
  HARNESS_UNCOUNTED static float widen(uint16_t bits) { return bit_cast<float>(uint32_t(bits) << 16); }
  HARNESS_UNCOUNTED static uint16_t narrow(float v) {
    const uint32_t bits = bit_cast<uint32_t>(v);
    return v != v ? quiet_nan : uint16_t((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
  }
  HARNESS_UNCOUNTED static float fma(float a, float b, float c) { return float_to_odd(sum_to_odd(double(a) * double(b), double(c))); }
};

// The neighbour of a value towards plus infinity, or away from it; for values that are not NaN.
inline uint16_t neighbour(uint16_t bits, bool up) {
  if ((bits & 0x7fff) == 0) return up ? 0x0001 : 0x8001;
  return uint16_t(bits + (up == !(bits >> 15) ? 1 : -1));
}
template <class Format>
inline uint16_t narrow(float v, Round mode) {
  const uint16_t bits = Format::narrow(v);
  const float back = Format::widen(bits);
  if (mode == Round::nearest || v != v || back == v) return bits;
  const bool up = mode == Round::up || (mode == Round::zero && v < 0);
  return up == (back > v) ? bits : neighbour(bits, up);
}
template <class Format, class I>
inline uint16_t narrow_integer(I v, Round mode) {
  const bool negative = v < 0;
  const auto magnitude = static_cast<unsigned long long>(v);
  return narrow<Format>(float_to_odd(double_to_odd(negative ? 0 - magnitude : magnitude, negative)), mode);
}
// What __hmax and __hmin promise: a NaN loses against a number, and +0 is above -0.
HARNESS_UNCOUNTED inline float greater(float a, float b) { return a != a ? b : b != b ? a : a > b || (a == b && !__builtin_signbit(a)) ? a : b; }
HARNESS_UNCOUNTED inline float lesser(float a, float b) { return a != a ? b : b != b ? a : a < b || (a == b && __builtin_signbit(a)) ? a : b; }
}  // namespace harness_cuda
