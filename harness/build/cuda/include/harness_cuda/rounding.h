// Arithmetic in a stated rounding direction, and conversions that round, saturate and map NaN as CUDA documents.
#pragma once
#include <cfenv>
#include <cstdint>
#include <limits>
#include <math.h>
#include <type_traits>

namespace harness_cuda {
// The operands and the result are volatile so that the operation stays between the two changes of mode.
template <class T, class Op>
__attribute__((noinline)) T in_direction(int direction, Op op, T a, T b = T(), T c = T()) {
  const int saved = std::fegetround();
  std::fesetround(direction);
  volatile T x = a, y = b, z = c;
  volatile T result = op(T(x), T(y), T(z));
  std::fesetround(saved);
  return result;
}

// Keeps a product or sum from being fused with its neighbour: the _rn forms promise a rounding of their own.
template <class T>
inline T rounded(T v) {
#if defined(__x86_64__)
  asm("" : "+x"(v));
#endif
  return v;
}

enum class Round { nearest, zero, up, down };

template <class F>
inline F rounded_integral(F v, Round mode) {
  switch (mode) {
    case Round::nearest: return F(__builtin_rint(v));
    case Round::zero: return F(__builtin_trunc(v));
    case Round::up: return F(__builtin_ceil(v));
    default: return F(__builtin_floor(v));
  }
}

// Out-of-range values saturate. NaN gives 0 from float, and the most significant bit alone from double.
template <class I, class F>
inline I to_integer(F v, Round mode) {
  if (v != v) return sizeof(F) == 4 && sizeof(I) == 4 ? I(0) : I(I(1) << (8 * sizeof(I) - 1));
  const F r = rounded_integral(v, mode);
  constexpr F limit = F(uint64_t(1) << (8 * sizeof(I) - 1)) * (std::is_signed_v<I> ? 1 : 2);
  if (r >= limit) return std::numeric_limits<I>::max();
  if (r < (std::is_signed_v<I> ? -limit : F(0))) return std::numeric_limits<I>::min();
  return I(r);
}

template <class F, class I>
inline F from_integer(I v, int direction) {
  if (direction == FE_TONEAREST) return F(v);
  const int saved = std::fegetround();
  std::fesetround(direction);
  volatile I x = v;
  volatile F result = F(x);
  std::fesetround(saved);
  return result;
}
template <class To>
inline To narrowed(double v, int direction) {
  const int saved = std::fegetround();
  std::fesetround(direction);
  volatile double x = v;
  volatile To result = To(x);
  std::fesetround(saved);
  return result;
}
}  // namespace harness_cuda

#define HARNESS_DIRECTED(PREFIX, T, SUFFIX, MODE)                                                                                \
  inline T __##PREFIX##add_##SUFFIX(T a, T b) { return harness_cuda::in_direction(MODE, [](T x, T y, T) { return x + y; }, a, b); } \
  inline T __##PREFIX##sub_##SUFFIX(T a, T b) { return harness_cuda::in_direction(MODE, [](T x, T y, T) { return x - y; }, a, b); } \
  inline T __##PREFIX##mul_##SUFFIX(T a, T b) { return harness_cuda::in_direction(MODE, [](T x, T y, T) { return x * y; }, a, b); } \
  inline T __##PREFIX##div_##SUFFIX(T a, T b) { return harness_cuda::in_direction(MODE, [](T x, T y, T) { return x / y; }, a, b); } \
  inline T __##PREFIX##rcp_##SUFFIX(T a) { return harness_cuda::in_direction(MODE, [](T x, T, T) { return 1 / x; }, a); }         \
  inline T __##PREFIX##sqrt_##SUFFIX(T a) { return harness_cuda::in_direction(MODE, [](T x, T, T) { return T(__builtin_sqrt(x)); }, a); }
HARNESS_DIRECTED(f, float, rz, FE_TOWARDZERO)
HARNESS_DIRECTED(f, float, ru, FE_UPWARD)
HARNESS_DIRECTED(f, float, rd, FE_DOWNWARD)
HARNESS_DIRECTED(d, double, rz, FE_TOWARDZERO)
HARNESS_DIRECTED(d, double, ru, FE_UPWARD)
HARNESS_DIRECTED(d, double, rd, FE_DOWNWARD)
#undef HARNESS_DIRECTED

inline float __fadd_rn(float a, float b) { return harness_cuda::rounded(a + b); }
inline float __fsub_rn(float a, float b) { return harness_cuda::rounded(a - b); }
inline float __fmul_rn(float a, float b) { return harness_cuda::rounded(a * b); }
inline float __fdiv_rn(float a, float b) { return a / b; }
inline float __frcp_rn(float a) { return 1.0f / a; }
inline float __fsqrt_rn(float a) { return __builtin_sqrtf(a); }
inline float __frsqrt_rn(float a) { return float(1.0 / __builtin_sqrt(double(a))); }
inline double __dadd_rn(double a, double b) { return harness_cuda::rounded(a + b); }
inline double __dsub_rn(double a, double b) { return harness_cuda::rounded(a - b); }
inline double __dmul_rn(double a, double b) { return harness_cuda::rounded(a * b); }
inline double __ddiv_rn(double a, double b) { return a / b; }
inline double __drcp_rn(double a) { return 1.0 / a; }
inline double __dsqrt_rn(double a) { return __builtin_sqrt(a); }

#define HARNESS_FMA(SUFFIX, MODE)                                                                                        \
  inline float __fmaf_##SUFFIX(float a, float b, float c) {                                                              \
    return harness_cuda::in_direction(MODE, [](float x, float y, float z) { return __builtin_fmaf(x, y, z); }, a, b, c); \
  }                                                                                                                      \
  inline double __fma_##SUFFIX(double a, double b, double c) {                                                           \
    return harness_cuda::in_direction(MODE, [](double x, double y, double z) { return __builtin_fma(x, y, z); }, a, b, c); \
  }
HARNESS_FMA(rz, FE_TOWARDZERO)
HARNESS_FMA(ru, FE_UPWARD)
HARNESS_FMA(rd, FE_DOWNWARD)
#undef HARNESS_FMA
inline float __fmaf_rn(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
inline float __fmaf_ieee_rn(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
inline double __fma_rn(double a, double b, double c) { return __builtin_fma(a, b, c); }

#define HARNESS_TO_INTEGER(NAME, F, I)                                                              \
  inline I NAME##_rn(F v) { return harness_cuda::to_integer<I>(v, harness_cuda::Round::nearest); }  \
  inline I NAME##_rz(F v) { return harness_cuda::to_integer<I>(v, harness_cuda::Round::zero); }     \
  inline I NAME##_ru(F v) { return harness_cuda::to_integer<I>(v, harness_cuda::Round::up); }       \
  inline I NAME##_rd(F v) { return harness_cuda::to_integer<I>(v, harness_cuda::Round::down); }
HARNESS_TO_INTEGER(__float2int, float, int)
HARNESS_TO_INTEGER(__float2uint, float, unsigned)
HARNESS_TO_INTEGER(__float2ll, float, long long)
HARNESS_TO_INTEGER(__float2ull, float, unsigned long long)
HARNESS_TO_INTEGER(__double2int, double, int)
HARNESS_TO_INTEGER(__double2uint, double, unsigned)
HARNESS_TO_INTEGER(__double2ll, double, long long)
HARNESS_TO_INTEGER(__double2ull, double, unsigned long long)
#undef HARNESS_TO_INTEGER

#define HARNESS_FROM_INTEGER(NAME, I, F)                                                \
  inline F NAME##_rn(I v) { return F(v); }                                              \
  inline F NAME##_rz(I v) { return harness_cuda::from_integer<F>(v, FE_TOWARDZERO); }   \
  inline F NAME##_ru(I v) { return harness_cuda::from_integer<F>(v, FE_UPWARD); }       \
  inline F NAME##_rd(I v) { return harness_cuda::from_integer<F>(v, FE_DOWNWARD); }
HARNESS_FROM_INTEGER(__int2float, int, float)
HARNESS_FROM_INTEGER(__uint2float, unsigned, float)
HARNESS_FROM_INTEGER(__ll2float, long long, float)
HARNESS_FROM_INTEGER(__ull2float, unsigned long long, float)
HARNESS_FROM_INTEGER(__ll2double, long long, double)
HARNESS_FROM_INTEGER(__ull2double, unsigned long long, double)
#undef HARNESS_FROM_INTEGER
inline double __int2double_rn(int v) { return v; }
inline double __uint2double_rn(unsigned v) { return v; }
inline float __double2float_rn(double v) { return float(v); }
inline float __double2float_rz(double v) { return harness_cuda::narrowed<float>(v, FE_TOWARDZERO); }
inline float __double2float_ru(double v) { return harness_cuda::narrowed<float>(v, FE_UPWARD); }
inline float __double2float_rd(double v) { return harness_cuda::narrowed<float>(v, FE_DOWNWARD); }
