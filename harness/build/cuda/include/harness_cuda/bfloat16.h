// __nv_bfloat16 and __nv_bfloat162: CUDA's names for what small_types.h and small_operations.h define, and their conversions.
#pragma once
#include "half.h"

#define HARNESS_RAW __nv_bfloat16_raw
#define HARNESS_RAW2 __nv_bfloat162_raw
#define HARNESS_SMALL __nv_bfloat16
#define HARNESS_PAIR __nv_bfloat162
#define HARNESS_FORMAT harness_cuda::BFloat16Format
#include "small_types.h"
using nv_bfloat16 = __nv_bfloat16;
using nv_bfloat162 = __nv_bfloat162;

#define HARNESS_SMALL __nv_bfloat16
#define HARNESS_PAIR __nv_bfloat162
#define HARNESS_FORMAT harness_cuda::BFloat16Format
#include "small_operations.h"

inline float __bfloat162float(__nv_bfloat16 v) { return v; }
inline __nv_bfloat16 __float2bfloat16(float v) { return __nv_bfloat16(v); }
inline __nv_bfloat16 __double2bfloat16(double v) { return __nv_bfloat16(v); }
inline __nv_bfloat16 __bfloat16_from(float v, harness_cuda::Round mode) {
  return harness_cuda::make_small<__nv_bfloat16>(harness_cuda::narrow<harness_cuda::BFloat16Format>(v, mode));
}
inline __nv_bfloat16 __float2bfloat16_rn(float v) { return __nv_bfloat16(v); }
inline __nv_bfloat16 __float2bfloat16_rz(float v) { return __bfloat16_from(v, harness_cuda::Round::zero); }
inline __nv_bfloat16 __float2bfloat16_ru(float v) { return __bfloat16_from(v, harness_cuda::Round::up); }
inline __nv_bfloat16 __float2bfloat16_rd(float v) { return __bfloat16_from(v, harness_cuda::Round::down); }
inline unsigned short __bfloat16_as_ushort(__nv_bfloat16 v) { return harness_cuda::small_bits(v); }
inline short __bfloat16_as_short(__nv_bfloat16 v) { return short(harness_cuda::small_bits(v)); }
inline __nv_bfloat16 __ushort_as_bfloat16(unsigned short v) { return harness_cuda::make_small<__nv_bfloat16>(v); }
inline __nv_bfloat16 __short_as_bfloat16(short v) { return harness_cuda::make_small<__nv_bfloat16>(uint16_t(v)); }

inline __nv_bfloat162 make_bfloat162(__nv_bfloat16 x, __nv_bfloat16 y) { return __nv_bfloat162(x, y); }
inline __nv_bfloat162 __halves2bfloat162(__nv_bfloat16 x, __nv_bfloat16 y) { return __nv_bfloat162(x, y); }
inline __nv_bfloat162 __bfloat162bfloat162(__nv_bfloat16 v) { return __nv_bfloat162(v, v); }
inline __nv_bfloat162 __float2bfloat162_rn(float v) { return __nv_bfloat162(v, v); }
inline __nv_bfloat162 __floats2bfloat162_rn(float x, float y) { return __nv_bfloat162(x, y); }
inline __nv_bfloat162 __float22bfloat162_rn(float2 v) { return __nv_bfloat162(v.x, v.y); }
inline float2 __bfloat1622float2(__nv_bfloat162 v) { return float2{float(v.x), float(v.y)}; }
inline __nv_bfloat16 __low2bfloat16(__nv_bfloat162 v) { return v.x; }
inline __nv_bfloat16 __high2bfloat16(__nv_bfloat162 v) { return v.y; }
inline float __low2float(__nv_bfloat162 v) { return v.x; }
inline float __high2float(__nv_bfloat162 v) { return v.y; }
inline __nv_bfloat162 __low2bfloat162(__nv_bfloat162 v) { return __nv_bfloat162(v.x, v.x); }
inline __nv_bfloat162 __high2bfloat162(__nv_bfloat162 v) { return __nv_bfloat162(v.y, v.y); }
inline __nv_bfloat162 __lows2bfloat162(__nv_bfloat162 a, __nv_bfloat162 b) { return __nv_bfloat162(a.x, b.x); }
inline __nv_bfloat162 __highs2bfloat162(__nv_bfloat162 a, __nv_bfloat162 b) { return __nv_bfloat162(a.y, b.y); }
inline __nv_bfloat162 __lowhigh2highlow(__nv_bfloat162 v) { return __nv_bfloat162(v.y, v.x); }

#define HARNESS_INTEGER(NAME, TYPE)                                                                                                       \
  inline __nv_bfloat16 __##NAME##2bfloat16_rn(TYPE v) { return __nv_bfloat16(v); }                                                        \
  inline TYPE __bfloat162##NAME##_rn(__nv_bfloat16 v) { return harness_cuda::to_integer<TYPE>(float(v), harness_cuda::Round::nearest); }  \
  inline TYPE __bfloat162##NAME##_rz(__nv_bfloat16 v) { return harness_cuda::to_integer<TYPE>(float(v), harness_cuda::Round::zero); }     \
  inline TYPE __bfloat162##NAME##_ru(__nv_bfloat16 v) { return harness_cuda::to_integer<TYPE>(float(v), harness_cuda::Round::up); }       \
  inline TYPE __bfloat162##NAME##_rd(__nv_bfloat16 v) { return harness_cuda::to_integer<TYPE>(float(v), harness_cuda::Round::down); }
HARNESS_INTEGER(int, int)
HARNESS_INTEGER(uint, unsigned)
HARNESS_INTEGER(short, short)
HARNESS_INTEGER(ushort, unsigned short)
HARNESS_INTEGER(ll, long long)
HARNESS_INTEGER(ull, unsigned long long)
#undef HARNESS_INTEGER

#define CUDART_INF_BF16 __ushort_as_bfloat16(0x7f80)
#define CUDART_NAN_BF16 __ushort_as_bfloat16(0x7fff)
#define CUDART_MAX_NORMAL_BF16 __ushort_as_bfloat16(0x7f7f)
#define CUDART_MIN_DENORM_BF16 __ushort_as_bfloat16(0x0001)
#define CUDART_NEG_ZERO_BF16 __ushort_as_bfloat16(0x8000)
#define CUDART_ZERO_BF16 __ushort_as_bfloat16(0x0000)
#define CUDART_ONE_BF16 __ushort_as_bfloat16(0x3f80)
