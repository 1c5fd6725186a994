// 8-bit floats: e4m3 (no infinity, one NaN) and e5m2, scalars and vectors, with saturating and plain conversions.
#pragma once
#include "bfloat16.h"

typedef unsigned char __nv_fp8_storage_t;
typedef unsigned short __nv_fp8x2_storage_t;
typedef unsigned int __nv_fp8x4_storage_t;
enum __nv_saturation_t { __NV_NOSAT, __NV_SATFINITE };
enum __nv_fp8_interpretation_t { __NV_E4M3, __NV_E5M2 };

namespace harness_cuda {
// Rounds to nearest even on the grid of the format: `digits` of significand, smallest exponent `lowest`.
inline uint8_t narrow_fp8(float v, __nv_saturation_t saturation, __nv_fp8_interpretation_t format) {
  const bool wide_exponent = format == __NV_E5M2;
  const int digits = wide_exponent ? 2 : 3, bias = wide_exponent ? 15 : 7;
  const uint8_t sign = __builtin_signbit(v) ? 0x80 : 0, greatest = wide_exponent ? 0x7b : 0x7e, overflow = wide_exponent ? 0x7c : 0x7f;
  if (v != v) return sign | 0x7f;
  const double size = __builtin_fabs(double(v));
  int exponent = size > 0 ? int(std::ilogb(size)) : -bias;
  if (exponent < 1 - bias) exponent = 1 - bias;
  const double steps = __builtin_rint(std::ldexp(size, digits - exponent));  // in units of the last place
  const double limit = wide_exponent ? 57344 : 448;
  if (std::isinf(v) || std::ldexp(steps, exponent - digits) > limit) return sign | (saturation == __NV_SATFINITE ? greatest : overflow);
  const int whole = int(steps);
  const int biased = whole < (1 << digits) ? 0 : exponent + bias;  // a carry out of the significand runs on into the exponent
  return uint8_t(sign | ((biased << digits) + (biased ? whole - (1 << digits) : whole)));
}
inline float widen_fp8(uint8_t bits, __nv_fp8_interpretation_t format) {
  if (format == __NV_E5M2) return HalfFormat::widen(uint16_t(bits << 8));
  if ((bits & 0x7f) == 0x7f) return __builtin_nanf("");
  const int exponent = bits >> 3 & 15, fraction = bits & 7;
  const float size = exponent ? std::ldexp(float(8 + fraction), exponent - 10) : std::ldexp(float(fraction), -9);
  return bits & 0x80 ? -size : size;
}
}  // namespace harness_cuda

inline __nv_fp8_storage_t __nv_cvt_float_to_fp8(float v, __nv_saturation_t s, __nv_fp8_interpretation_t f) { return harness_cuda::narrow_fp8(v, s, f); }
inline __nv_fp8_storage_t __nv_cvt_double_to_fp8(double v, __nv_saturation_t s, __nv_fp8_interpretation_t f) {
  return harness_cuda::narrow_fp8(harness_cuda::float_to_odd(v), s, f);
}
inline __nv_fp8_storage_t __nv_cvt_halfraw_to_fp8(__half_raw v, __nv_saturation_t s, __nv_fp8_interpretation_t f) {
  return harness_cuda::narrow_fp8(harness_cuda::HalfFormat::widen(v.x), s, f);
}
inline __nv_fp8_storage_t __nv_cvt_bfloat16raw_to_fp8(__nv_bfloat16_raw v, __nv_saturation_t s, __nv_fp8_interpretation_t f) {
  return harness_cuda::narrow_fp8(harness_cuda::BFloat16Format::widen(v.x), s, f);
}
inline __nv_fp8x2_storage_t __nv_cvt_float2_to_fp8x2(float2 v, __nv_saturation_t s, __nv_fp8_interpretation_t f) {
  return __nv_fp8x2_storage_t(harness_cuda::narrow_fp8(v.x, s, f) | harness_cuda::narrow_fp8(v.y, s, f) << 8);
}
inline __half_raw __nv_cvt_fp8_to_halfraw(__nv_fp8_storage_t v, __nv_fp8_interpretation_t f) {
  return __half_raw{harness_cuda::HalfFormat::narrow(harness_cuda::widen_fp8(v, f))};
}
inline __half2_raw __nv_cvt_fp8x2_to_halfraw2(__nv_fp8x2_storage_t v, __nv_fp8_interpretation_t f) {
  return __half2_raw{__nv_cvt_fp8_to_halfraw(__nv_fp8_storage_t(v), f).x, __nv_cvt_fp8_to_halfraw(__nv_fp8_storage_t(v >> 8), f).x};
}

#define HARNESS_FP8(NAME, FORMAT)                                                                                                     \
  struct __nv_fp8_##NAME {                                                                                                            \
    __nv_fp8_storage_t __x;                                                                                                           \
    __nv_fp8_##NAME() = default;                                                                                                      \
    template <class T, class = std::enable_if_t<std::is_convertible_v<T, float>>>                                                     \
    explicit __nv_fp8_##NAME(T v) : __x(harness_cuda::narrow_fp8(float(v), __NV_SATFINITE, FORMAT)) {}                                \
    explicit operator float() const { return harness_cuda::widen_fp8(__x, FORMAT); }                                                  \
    explicit operator double() const { return harness_cuda::widen_fp8(__x, FORMAT); }                                                 \
    explicit operator __half() const { return __half(float(*this)); }                                                                 \
    explicit operator __nv_bfloat16() const { return __nv_bfloat16(float(*this)); }                                                   \
  };                                                                                                                                  \
  struct alignas(2) __nv_fp8x2_##NAME {                                                                                               \
    __nv_fp8x2_storage_t __x;                                                                                                         \
    __nv_fp8x2_##NAME() = default;                                                                                                    \
    explicit __nv_fp8x2_##NAME(float2 v) : __x(__nv_cvt_float2_to_fp8x2(v, __NV_SATFINITE, FORMAT)) {}                                \
    explicit __nv_fp8x2_##NAME(__half2 v) : __nv_fp8x2_##NAME(__half22float2(v)) {}                                                   \
    explicit operator float2() const { return float2{harness_cuda::widen_fp8(uint8_t(__x), FORMAT), harness_cuda::widen_fp8(uint8_t(__x >> 8), FORMAT)}; } \
    explicit operator __half2() const { return __float22half2_rn(float2(*this)); }                                                    \
  };                                                                                                                                  \
  struct alignas(4) __nv_fp8x4_##NAME {                                                                                               \
    __nv_fp8x4_storage_t __x;                                                                                                         \
    __nv_fp8x4_##NAME() = default;                                                                                                    \
    explicit __nv_fp8x4_##NAME(float4 v)                                                                                              \
        : __x(__nv_cvt_float2_to_fp8x2(float2{v.x, v.y}, __NV_SATFINITE, FORMAT) |                                                    \
              unsigned(__nv_cvt_float2_to_fp8x2(float2{v.z, v.w}, __NV_SATFINITE, FORMAT)) << 16) {}                                  \
    explicit operator float4() const {                                                                                                \
      return float4{harness_cuda::widen_fp8(uint8_t(__x), FORMAT), harness_cuda::widen_fp8(uint8_t(__x >> 8), FORMAT),                \
                    harness_cuda::widen_fp8(uint8_t(__x >> 16), FORMAT), harness_cuda::widen_fp8(uint8_t(__x >> 24), FORMAT)};        \
    }                                                                                                                                 \
  };
HARNESS_FP8(e4m3, __NV_E4M3)
HARNESS_FP8(e5m2, __NV_E5M2)
#undef HARNESS_FP8
