// c10::Half and c10::BFloat16 as a GPU computes with them: stored in 16 bits, every operation through float.
// They are written without the vendor's half headers, which take 0.3 s to parse; with HARNESS_STUB_HALF those are here too.
#pragma once
#ifdef HARNESS_STUB_HALF
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#endif

namespace c10 {
struct alignas(2) Half {
  unsigned short x;
  struct from_bits_t {};
  static constexpr __host__ __device__ from_bits_t from_bits() { return {}; }
  Half() = default;
  constexpr __host__ __device__ Half(unsigned short bits, from_bits_t) : x(bits) {}
  __host__ __device__ Half(float value) {
#ifdef __CUDA_ARCH__
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(x) : "f"(value));
#else
    x = 0;
#endif
  }
  __host__ __device__ operator float() const {
    float value = 0;
#ifdef __CUDA_ARCH__
    asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(x));
#endif
    return value;
  }
#ifdef HARNESS_STUB_HALF
  __host__ __device__ Half(const __half& value) : x(reinterpret_cast<const unsigned short&>(value)) {}
  __host__ __device__ operator __half() const { return reinterpret_cast<const __half&>(x); }
#endif
};

struct alignas(2) BFloat16 {
  unsigned short x;
  struct from_bits_t {};
  static constexpr __host__ __device__ from_bits_t from_bits() { return {}; }
  BFloat16() = default;
  constexpr __host__ __device__ BFloat16(unsigned short bits, from_bits_t) : x(bits) {}
  __host__ __device__ BFloat16(float value) {
#ifdef __CUDA_ARCH__
    asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(x) : "f"(value));
#else
    x = 0;
#endif
  }
  __host__ __device__ operator float() const {
#ifdef __CUDA_ARCH__
    return __uint_as_float(static_cast<unsigned>(x) << 16);
#else
    return 0;
#endif
  }
#ifdef HARNESS_STUB_HALF
  __host__ __device__ BFloat16(const __nv_bfloat16& value) : x(reinterpret_cast<const unsigned short&>(value)) {}
  explicit __host__ __device__ operator __nv_bfloat16() const { return reinterpret_cast<const __nv_bfloat16&>(x); }
#endif
};

#define HARNESS_STUB_ARITHMETIC(T, sign)                                                                                    \
  inline __host__ __device__ T operator sign(const T& a, const T& b) { return float(a) sign float(b); }                     \
  inline __host__ __device__ float operator sign(T a, float b) { return float(a) sign b; }                                  \
  inline __host__ __device__ float operator sign(float a, T b) { return a sign float(b); }                                  \
  inline __host__ __device__ double operator sign(T a, double b) { return double(float(a)) sign b; }                        \
  inline __host__ __device__ double operator sign(double a, T b) { return a sign double(float(b)); }                        \
  inline __host__ __device__ T operator sign(T a, int b) { return a sign T(float(b)); }                                     \
  inline __host__ __device__ T operator sign(int a, T b) { return T(float(a)) sign b; }                                     \
  inline __host__ __device__ T operator sign(T a, int64_t b) { return a sign T(float(b)); }                                 \
  inline __host__ __device__ T operator sign(int64_t a, T b) { return T(float(a)) sign b; }                                 \
  inline __host__ __device__ T& operator sign##=(T & a, const T& b) { return a = a sign b; }                                \
  inline __host__ __device__ float& operator sign##=(float& a, const T& b) { return a = a sign float(b); }
#define HARNESS_STUB_NUMBER(T)         \
  HARNESS_STUB_ARITHMETIC(T, +)        \
  HARNESS_STUB_ARITHMETIC(T, -)        \
  HARNESS_STUB_ARITHMETIC(T, *)        \
  HARNESS_STUB_ARITHMETIC(T, /)        \
  inline __host__ __device__ T operator-(const T& a) { return -float(a); }
HARNESS_STUB_NUMBER(Half)
HARNESS_STUB_NUMBER(BFloat16)
#undef HARNESS_STUB_NUMBER
#undef HARNESS_STUB_ARITHMETIC

template <class T> struct alignas(2 * sizeof(T)) complex {
  T real_, imag_;
  constexpr __host__ __device__ complex(T real = 0, T imag = 0) : real_(real), imag_(imag) {}
  constexpr __host__ __device__ T real() const { return real_; }
  constexpr __host__ __device__ T imag() const { return imag_; }
};

namespace impl {
template <ScalarType> struct ScalarTypeToCPPType;
#define HARNESS_STUB_TYPES(F)                                                                                                \
  F(uint8_t, Byte) F(int8_t, Char) F(int16_t, Short) F(int, Int) F(int64_t, Long) F(Half, Half) F(float, Float)              \
  F(double, Double) F(bool, Bool) F(BFloat16, BFloat16) F(uint16_t, UInt16) F(uint32_t, UInt32) F(uint64_t, UInt64)          \
  F(complex<float>, ComplexFloat) F(complex<double>, ComplexDouble)
#define HARNESS_STUB_TYPE(T, name) \
  template <> struct ScalarTypeToCPPType<ScalarType::name> { using type = T; };
HARNESS_STUB_TYPES(HARNESS_STUB_TYPE)
#undef HARNESS_STUB_TYPE
template <ScalarType N> using ScalarTypeToCPPTypeT = typename ScalarTypeToCPPType<N>::type;
}  // namespace impl
template <class> struct CppTypeToScalarType;
#define HARNESS_STUB_TYPE(T, name) \
  template <> struct CppTypeToScalarType<T> : std::integral_constant<ScalarType, ScalarType::name> {};
HARNESS_STUB_TYPES(HARNESS_STUB_TYPE)
#undef HARNESS_STUB_TYPE
}  // namespace c10

namespace std {
template <> class numeric_limits<c10::Half> {
 public:
  static constexpr bool is_specialized = true, is_signed = true, is_integer = false, has_infinity = true;
  static constexpr __host__ __device__ c10::Half bits(unsigned short x) { return {x, c10::Half::from_bits()}; }
  static constexpr __host__ __device__ c10::Half max() { return bits(0x7BFF); }
  static constexpr __host__ __device__ c10::Half lowest() { return bits(0xFBFF); }
  static constexpr __host__ __device__ c10::Half min() { return bits(0x0400); }
  static constexpr __host__ __device__ c10::Half epsilon() { return bits(0x1400); }
  static constexpr __host__ __device__ c10::Half infinity() { return bits(0x7C00); }
  static constexpr __host__ __device__ c10::Half quiet_NaN() { return bits(0x7E00); }
};
template <> class numeric_limits<c10::BFloat16> {
 public:
  static constexpr bool is_specialized = true, is_signed = true, is_integer = false, has_infinity = true;
  static constexpr __host__ __device__ c10::BFloat16 bits(unsigned short x) { return {x, c10::BFloat16::from_bits()}; }
  static constexpr __host__ __device__ c10::BFloat16 max() { return bits(0x7F7F); }
  static constexpr __host__ __device__ c10::BFloat16 lowest() { return bits(0xFF7F); }
  static constexpr __host__ __device__ c10::BFloat16 min() { return bits(0x0080); }
  static constexpr __host__ __device__ c10::BFloat16 epsilon() { return bits(0x3C00); }
  static constexpr __host__ __device__ c10::BFloat16 infinity() { return bits(0x7F80); }
  static constexpr __host__ __device__ c10::BFloat16 quiet_NaN() { return bits(0x7FC0); }
};
}  // namespace std

namespace at {
// What sums are kept in.
template <class T, bool Cuda = true> struct AccumulateType { using type = T; };
template <> struct AccumulateType<c10::Half, true> { using type = float; };
template <> struct AccumulateType<c10::BFloat16, true> { using type = float; };
template <> struct AccumulateType<int, true> { using type = int64_t; };
template <class T, bool Cuda> using acc_type = typename AccumulateType<T, Cuda>::type;
template <class T> struct OpMathType { using type = T; };
template <> struct OpMathType<c10::Half> { using type = float; };
template <> struct OpMathType<c10::BFloat16> { using type = float; };
template <class T> using opmath_type = typename OpMathType<T>::type;
}  // namespace at
