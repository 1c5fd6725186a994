// CUDA's mathematical functions beyond C's, the fast intrinsics, and min and max.
// The functions are glibc's, which are at least as accurate as CUDA's. The intrinsics follow their documented formulas,
// because kernels depend on their edges: __powf of a negative base is NaN, __sinf is poor far from zero.
#pragma once
#include <cmath>
#include <limits>
#include <math.h>
#include <stdlib.h>
#include "rounding.h"

namespace harness_cuda {
inline float flushed(float v) { return __builtin_fabsf(v) < 1.17549435e-38f ? __builtin_copysignf(0.0f, v) : v; }

// Newton's method from Winitzki's closed form (2008), which is within 0.2 % already.
inline double inverse_erfc(double q) {
  if (!(q > 0) || !(q < 2)) return q == 0 ? HUGE_VAL : q == 2 ? -HUGE_VAL : NAN;
  if (q > 1) return q == 1 ? 0.0 : -inverse_erfc(2 - q);
  const double l = ::log(q * (2 - q)), t = 2 / (M_PI * 0.147) + l / 2;
  double y = ::sqrt(::fmax(0.0, ::sqrt(t * t - l / 0.147) - t));
  for (int i = 0; i < 5; ++i) {
    const double step = (::erfc(y) - q) / (M_2_SQRTPI * ::exp(-y * y));
    y += step / (1 + y * step);
  }
  return y;
}
inline double inverse_erf(double p) {
  if (::fabs(p) > 0.5) return ::copysign(inverse_erfc(1 - ::fabs(p)), p);
  double y = p / M_2_SQRTPI;
  for (int i = 0; i < 6; ++i) y -= (::erf(y) - p) / (M_2_SQRTPI * ::exp(-y * y));
  return y;
}
inline double scaled_erfc(double x) {
  if (x < 25) return ::exp(x * x) * ::erfc(x);
  const double s = 1 / (x * x);
  return (1 - s / 2 * (1 - 1.5 * s * (1 - 2.5 * s))) / (x * 1.77245385090551602730);
}
// sin(pi x) with the argument reduced exactly.
inline double sine_pi(double x) {
  const double r = x - 2 * ::rint(x / 2);
  if (r == 0 || ::fabs(r) == 1) return ::copysign(0.0, x);
  return ::sin(M_PI * (r > 0.5 ? 1 - r : r < -0.5 ? -1 - r : r));
}
inline double cosine_pi(double x) {
  const double r = ::fabs(x - 2 * ::rint(x / 2));
  return r <= 0.25 ? ::cos(M_PI * r) : r == 0.5 ? 0.0 : ::sin(M_PI * (0.5 - r));
}
// The special-function unit takes turns, not radians: the product with 1/(2 pi) is rounded to float first.
inline double turns(float x) {
  const float t = x * 0.15915494309189535f;
  return 2 * M_PI * (double(t) - ::rint(double(t)));
}
}  // namespace harness_cuda

#define HARNESS_BOTH(NAME, EXPRESSION)                                \
  inline double NAME(double x) { return EXPRESSION; }                 \
  inline float NAME##f(float v) { const double x = v; return float(EXPRESSION); }
HARNESS_BOTH(normcdf, 0.5 * ::erfc(-x * M_SQRT1_2))
HARNESS_BOTH(normcdfinv, -M_SQRT2 * harness_cuda::inverse_erfc(2 * x))
HARNESS_BOTH(erfinv, harness_cuda::inverse_erf(x))
HARNESS_BOTH(erfcinv, harness_cuda::inverse_erfc(x))
HARNESS_BOTH(erfcx, harness_cuda::scaled_erfc(x))
HARNESS_BOTH(rcbrt, 1 / ::cbrt(x))
HARNESS_BOTH(cyl_bessel_i0, std::cyl_bessel_i(0.0, ::fabs(x)))
HARNESS_BOTH(cyl_bessel_i1, ::copysign(std::cyl_bessel_i(1.0, ::fabs(x)), x))
#if !defined(__GLIBC_PREREQ) || !__GLIBC_PREREQ(2, 41)
HARNESS_BOTH(sinpi, harness_cuda::sine_pi(x))
HARNESS_BOTH(cospi, harness_cuda::cosine_pi(x))
#endif
#undef HARNESS_BOTH
#if !defined(__GLIBC_PREREQ) || !__GLIBC_PREREQ(2, 42)
inline double rsqrt(double x) { return 1 / ::sqrt(x); }
inline float rsqrtf(float x) { return float(1 / ::sqrt(double(x))); }
#endif
inline float rsqrt(float x) { return rsqrtf(x); }
inline void sincospi(double x, double* s, double* c) { *s = sinpi(x), *c = cospi(x); }
inline void sincospif(float x, float* s, float* c) { *s = sinpif(x), *c = cospif(x); }
inline void sincos(float x, float* s, float* c) { ::sincosf(x, s, c); }
inline double rhypot(double a, double b) { return 1 / ::hypot(a, b); }
inline float rhypotf(float a, float b) { return float(1 / ::hypot(double(a), double(b))); }
inline double norm3d(double a, double b, double c) { return std::hypot(a, b, c); }
inline float norm3df(float a, float b, float c) { return float(std::hypot(double(a), double(b), double(c))); }
inline double norm4d(double a, double b, double c, double d) { return ::hypot(std::hypot(a, b, c), d); }
inline float norm4df(float a, float b, float c, float d) { return float(norm4d(a, b, c, d)); }
inline double rnorm3d(double a, double b, double c) { return 1 / norm3d(a, b, c); }
inline float rnorm3df(float a, float b, float c) { return float(1 / norm3d(a, b, c)); }
inline double rnorm4d(double a, double b, double c, double d) { return 1 / norm4d(a, b, c, d); }
inline float rnorm4df(float a, float b, float c, float d) { return float(1 / norm4d(a, b, c, d)); }
inline double norm(int n, const double* v) { double s = 0; for (int i = 0; i < n; ++i) s = ::hypot(s, v[i]); return s; }
inline float normf(int n, const float* v) { double s = 0; for (int i = 0; i < n; ++i) s += double(v[i]) * v[i]; return float(::sqrt(s)); }
inline double rnorm(int n, const double* v) { return 1 / norm(n, v); }
inline float rnormf(int n, const float* v) { return 1 / normf(n, v); }
inline float fdividef(float a, float b) { return a / b; }

// Intrinsics of the special-function unit; denormal results and arguments are flushed where the hardware has only .ftz forms.
inline float __expf(float x) { return ::exp2f(x * 1.4426950408889634f); }
inline float __exp10f(float x) { return ::exp2f(x * 3.3219280948873623f); }
inline float __log2f(float x) { return ::log2f(x); }
inline float __logf(float x) { return ::log2f(x) * 0.6931471805599453f; }
inline float __log10f(float x) { return ::log2f(x) * 0.3010299956639812f; }
inline float __powf(float x, float y) { return ::exp2f(y * ::log2f(x)); }
inline float __sinf(float x) { return float(::sin(harness_cuda::turns(x))); }
inline float __cosf(float x) { return float(::cos(harness_cuda::turns(x))); }
inline float __tanf(float x) { return __sinf(x) / __cosf(x); }
inline void __sincosf(float x, float* s, float* c) { *s = __sinf(x), *c = __cosf(x); }
inline float __tanhf(float x) { return ::tanhf(x); }
// For a divisor between 2^126 and 2^128 the hardware's reciprocal is flushed: the quotient is 0, or NaN for an infinite dividend.
inline float __fdividef(float a, float b) {
  const float size = __builtin_fabsf(b);
  if (size > 8.507059173e37f && size <= std::numeric_limits<float>::max()) return a * __builtin_copysignf(0.0f, b);
  return a / b;
}
inline float __saturatef(float x) { return x > 0 ? (x < 1 ? x : 1.0f) : 0.0f; }  // NaN gives 0

// min and max of mixed integers compare in the common type, as CUDA's overloads do.
#define HARNESS_MINMAX(R, A, B)                                                               \
  constexpr R min(A a, B b) { return static_cast<R>(a) < static_cast<R>(b) ? static_cast<R>(a) : static_cast<R>(b); }                             \
  constexpr R max(A a, B b) { return static_cast<R>(a) > static_cast<R>(b) ? static_cast<R>(a) : static_cast<R>(b); }
HARNESS_MINMAX(int, int, int)
HARNESS_MINMAX(unsigned, unsigned, unsigned)
HARNESS_MINMAX(unsigned, int, unsigned)
HARNESS_MINMAX(unsigned, unsigned, int)
HARNESS_MINMAX(long, long, long)
HARNESS_MINMAX(unsigned long, unsigned long, unsigned long)
HARNESS_MINMAX(unsigned long, long, unsigned long)
HARNESS_MINMAX(unsigned long, unsigned long, long)
HARNESS_MINMAX(long long, long long, long long)
HARNESS_MINMAX(unsigned long long, unsigned long long, unsigned long long)
HARNESS_MINMAX(unsigned long long, long long, unsigned long long)
HARNESS_MINMAX(unsigned long long, unsigned long long, long long)
#undef HARNESS_MINMAX
inline float min(float a, float b) { return __builtin_fminf(a, b); }
inline float max(float a, float b) { return __builtin_fmaxf(a, b); }
inline double min(double a, double b) { return __builtin_fmin(a, b); }
inline double max(double a, double b) { return __builtin_fmax(a, b); }
inline double min(float a, double b) { return __builtin_fmin(a, b); }
inline double max(float a, double b) { return __builtin_fmax(a, b); }
inline double min(double a, float b) { return __builtin_fmin(a, b); }
inline double max(double a, float b) { return __builtin_fmax(a, b); }
inline unsigned umin(unsigned a, unsigned b) { return a < b ? a : b; }
inline unsigned umax(unsigned a, unsigned b) { return a > b ? a : b; }
inline long long llmin(long long a, long long b) { return a < b ? a : b; }
inline long long llmax(long long a, long long b) { return a > b ? a : b; }
inline unsigned long long ullmin(unsigned long long a, unsigned long long b) { return a < b ? a : b; }
inline unsigned long long ullmax(unsigned long long a, unsigned long long b) { return a > b ? a : b; }
