// __half and __half2: CUDA's names for what small_types.h and small_operations.h define, and their conversions.
#pragma once
#include "math.h"
#include "small_float.h"

#define HARNESS_RAW __half_raw
#define HARNESS_RAW2 __half2_raw
#define HARNESS_SMALL __half
#define HARNESS_PAIR __half2
#define HARNESS_FORMAT harness_cuda::HalfFormat
#include "small_types.h"
using half = __half;
using half2 = __half2;
using nv_half = __half;
using nv_half2 = __half2;

namespace harness_cuda {
template <class Small>
inline Small make_small(uint16_t bits) { return bit_cast<Small>(bits); }
template <class Small>
inline uint16_t small_bits(Small v) { return bit_cast<uint16_t>(v); }
}  // namespace harness_cuda

#define HARNESS_SMALL __half
#define HARNESS_PAIR __half2
#define HARNESS_FORMAT harness_cuda::HalfFormat
#include "small_operations.h"

inline float __half2float(__half v) { return v; }
inline __half __float2half(float v) { return __half(v); }
inline __half __double2half(double v) { return __half(v); }
inline __half __half_from(float v, harness_cuda::Round mode) {
  return harness_cuda::make_small<__half>(harness_cuda::narrow<harness_cuda::HalfFormat>(v, mode));
}
inline __half __float2half_rn(float v) { return __half(v); }
inline __half __float2half_rz(float v) { return __half_from(v, harness_cuda::Round::zero); }
inline __half __float2half_ru(float v) { return __half_from(v, harness_cuda::Round::up); }
inline __half __float2half_rd(float v) { return __half_from(v, harness_cuda::Round::down); }
inline unsigned short __half_as_ushort(__half v) { return harness_cuda::small_bits(v); }
inline short __half_as_short(__half v) { return short(harness_cuda::small_bits(v)); }
inline __half __ushort_as_half(unsigned short v) { return harness_cuda::make_small<__half>(v); }
inline __half __short_as_half(short v) { return harness_cuda::make_small<__half>(uint16_t(v)); }

inline __half2 make_half2(__half x, __half y) { return __half2(x, y); }
inline __half2 __halves2half2(__half x, __half y) { return __half2(x, y); }
inline __half2 __half2half2(__half v) { return __half2(v, v); }
inline __half2 __float2half2_rn(float v) { return __half2(v, v); }
inline __half2 __floats2half2_rn(float x, float y) { return __half2(x, y); }
inline __half2 __float22half2_rn(float2 v) { return __half2(v.x, v.y); }
inline float2 __half22float2(__half2 v) { return float2{float(v.x), float(v.y)}; }
inline __half __low2half(__half2 v) { return v.x; }
inline __half __high2half(__half2 v) { return v.y; }
inline float __low2float(__half2 v) { return v.x; }
inline float __high2float(__half2 v) { return v.y; }
inline __half2 __low2half2(__half2 v) { return __half2(v.x, v.x); }
inline __half2 __high2half2(__half2 v) { return __half2(v.y, v.y); }
inline __half2 __lows2half2(__half2 a, __half2 b) { return __half2(a.x, b.x); }
inline __half2 __highs2half2(__half2 a, __half2 b) { return __half2(a.y, b.y); }
inline __half2 __lowhigh2highlow(__half2 v) { return __half2(v.y, v.x); }

#define HARNESS_INTEGER(NAME, TYPE)                                                                                              \
  inline __half __##NAME##2half_rn(TYPE v) { return __half(v); }                                                                 \
  inline __half __##NAME##2half_rz(TYPE v) {                                                                                     \
    return harness_cuda::make_small<__half>(harness_cuda::narrow_integer<harness_cuda::HalfFormat>(v, harness_cuda::Round::zero)); \
  }                                                                                                                              \
  inline TYPE __half2##NAME##_rn(__half v) { return harness_cuda::to_integer<TYPE>(float(v), harness_cuda::Round::nearest); }    \
  inline TYPE __half2##NAME##_rz(__half v) { return harness_cuda::to_integer<TYPE>(float(v), harness_cuda::Round::zero); }       \
  inline TYPE __half2##NAME##_ru(__half v) { return harness_cuda::to_integer<TYPE>(float(v), harness_cuda::Round::up); }         \
  inline TYPE __half2##NAME##_rd(__half v) { return harness_cuda::to_integer<TYPE>(float(v), harness_cuda::Round::down); }
HARNESS_INTEGER(int, int)
HARNESS_INTEGER(uint, unsigned)
HARNESS_INTEGER(short, short)
HARNESS_INTEGER(ushort, unsigned short)
HARNESS_INTEGER(ll, long long)
HARNESS_INTEGER(ull, unsigned long long)
#undef HARNESS_INTEGER

#define CUDART_INF_FP16 __ushort_as_half(0x7c00)
#define CUDART_NAN_FP16 __ushort_as_half(0x7fff)
#define CUDART_MAX_NORMAL_FP16 __ushort_as_half(0x7bff)
#define CUDART_MIN_DENORM_FP16 __ushort_as_half(0x0001)
#define CUDART_NEG_ZERO_FP16 __ushort_as_half(0x8000)
#define CUDART_ZERO_FP16 __ushort_as_half(0x0000)
#define CUDART_ONE_FP16 __ushort_as_half(0x3c00)
