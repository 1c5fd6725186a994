// Arithmetic, comparisons and functions of a 16-bit float and of pairs of it. Included once for half and once for bfloat16,
// with HARNESS_SMALL, HARNESS_PAIR and HARNESS_FORMAT naming the types; hence no guard.

// In the checked build an operation stays a call, by whose name it is counted, and not the wider operations that it is made of.
#ifdef HARNESS_CUDA_CHECK
#define HARNESS_ONE_OPERATION __attribute__((noinline)) HARNESS_UNCOUNTED inline
#else
#define HARNESS_ONE_OPERATION inline
#endif
#define HARNESS_WRAP(EXPRESSION) harness_cuda::make_small<HARNESS_SMALL>(HARNESS_FORMAT::narrow(EXPRESSION))
#define HARNESS_EACH(EXPRESSION_X, EXPRESSION_Y) HARNESS_PAIR(EXPRESSION_X, EXPRESSION_Y)
#define HARNESS_BINARY(NAME, NAME2, EXPRESSION)                                           \
  HARNESS_ONE_OPERATION HARNESS_SMALL NAME(HARNESS_SMALL p, HARNESS_SMALL q) {            \
    const float a = p, b = q;                                                             \
    return HARNESS_WRAP(EXPRESSION);                                                      \
  }                                                                                       \
  inline HARNESS_PAIR NAME2(HARNESS_PAIR p, HARNESS_PAIR q) { return HARNESS_EACH(NAME(p.x, q.x), NAME(p.y, q.y)); }
#define HARNESS_TERNARY(NAME, NAME2, EXPRESSION)                                          \
  HARNESS_ONE_OPERATION HARNESS_SMALL NAME(HARNESS_SMALL p, HARNESS_SMALL q, HARNESS_SMALL r) { \
    const float s = HARNESS_FORMAT::fma(p, q, r);                                         \
    return HARNESS_WRAP(EXPRESSION);                                                      \
  }                                                                                       \
  inline HARNESS_PAIR NAME2(HARNESS_PAIR p, HARNESS_PAIR q, HARNESS_PAIR r) {             \
    return HARNESS_EACH(NAME(p.x, q.x, r.x), NAME(p.y, q.y, r.y));                        \
  }
#define HARNESS_UNARY(NAME, NAME2, EXPRESSION)                                            \
  inline HARNESS_SMALL NAME(HARNESS_SMALL p) {                                            \
    const float a = p;                                                                    \
    return HARNESS_WRAP(EXPRESSION);                                                      \
  }                                                                                       \
  inline HARNESS_PAIR NAME2(HARNESS_PAIR p) { return HARNESS_EACH(NAME(p.x), NAME(p.y)); }

HARNESS_BINARY(__hadd, __hadd2, a + b)
HARNESS_BINARY(__hsub, __hsub2, a - b)
HARNESS_BINARY(__hmul, __hmul2, a * b)
HARNESS_BINARY(__hadd_rn, __hadd2_rn, a + b)
HARNESS_BINARY(__hsub_rn, __hsub2_rn, a - b)
HARNESS_BINARY(__hmul_rn, __hmul2_rn, a * b)
HARNESS_BINARY(__hdiv, __h2div, a / b)
HARNESS_BINARY(__hadd_sat, __hadd2_sat, __saturatef(HARNESS_WRAP(a + b)))
HARNESS_BINARY(__hsub_sat, __hsub2_sat, __saturatef(HARNESS_WRAP(a - b)))
HARNESS_BINARY(__hmul_sat, __hmul2_sat, __saturatef(HARNESS_WRAP(a * b)))
HARNESS_BINARY(__hmax, __hmax2, harness_cuda::greater(a, b))
HARNESS_BINARY(__hmin, __hmin2, harness_cuda::lesser(a, b))
HARNESS_BINARY(__hmax_nan, __hmax2_nan, a != a || b != b ? a + b : harness_cuda::greater(a, b))
HARNESS_BINARY(__hmin_nan, __hmin2_nan, a != a || b != b ? a + b : harness_cuda::lesser(a, b))
HARNESS_TERNARY(__hfma, __hfma2, s)
HARNESS_TERNARY(__hfma_sat, __hfma2_sat, __saturatef(HARNESS_WRAP(s)))
HARNESS_TERNARY(__hfma_relu, __hfma2_relu, s != s ? s : s > 0 ? s : 0.0f)

HARNESS_UNARY(hexp, h2exp, ::expf(a))
HARNESS_UNARY(hexp2, h2exp2, ::exp2f(a))
HARNESS_UNARY(hexp10, h2exp10, ::exp10f(a))
HARNESS_UNARY(hlog, h2log, ::logf(a))
HARNESS_UNARY(hlog2, h2log2, ::log2f(a))
HARNESS_UNARY(hlog10, h2log10, ::log10f(a))
HARNESS_UNARY(hsqrt, h2sqrt, ::sqrtf(a))
HARNESS_UNARY(hrsqrt, h2rsqrt, rsqrtf(a))
HARNESS_UNARY(hrcp, h2rcp, 1.0f / a)
HARNESS_UNARY(hsin, h2sin, ::sinf(a))
HARNESS_UNARY(hcos, h2cos, ::cosf(a))
HARNESS_UNARY(htanh, h2tanh, ::tanhf(a))
HARNESS_UNARY(htanh_approx, h2tanh_approx, ::tanhf(a))
HARNESS_UNARY(hfloor, h2floor, __builtin_floorf(a))
HARNESS_UNARY(hceil, h2ceil, __builtin_ceilf(a))
HARNESS_UNARY(htrunc, h2trunc, __builtin_truncf(a))
HARNESS_UNARY(hrint, h2rint, __builtin_rintf(a))

// Sign operations act on the bits, so that they keep a NaN's payload.
inline HARNESS_SMALL __hneg(HARNESS_SMALL a) { return harness_cuda::make_small<HARNESS_SMALL>(harness_cuda::small_bits(a) ^ 0x8000); }
inline HARNESS_SMALL __habs(HARNESS_SMALL a) { return harness_cuda::make_small<HARNESS_SMALL>(harness_cuda::small_bits(a) & 0x7fff); }
inline HARNESS_PAIR __hneg2(HARNESS_PAIR a) { return HARNESS_EACH(__hneg(a.x), __hneg(a.y)); }
inline HARNESS_PAIR __habs2(HARNESS_PAIR a) { return HARNESS_EACH(__habs(a.x), __habs(a.y)); }
inline bool __hisnan(HARNESS_SMALL a) { return float(a) != float(a); }
inline int __hisinf(HARNESS_SMALL a) {
  const uint16_t bits = harness_cuda::small_bits(a);
  return (bits & 0x7fff) != HARNESS_FORMAT::infinity ? 0 : bits >> 15 ? -1 : 1;
}
inline HARNESS_PAIR __hcmadd(HARNESS_PAIR a, HARNESS_PAIR b, HARNESS_PAIR c) {  // complex a * b + c
  return HARNESS_EACH(__hfma(__hneg(a.y), b.y, __hfma(a.x, b.x, c.x)), __hfma(a.y, b.x, __hfma(a.x, b.y, c.y)));
}

// Ordered comparisons are false where an operand is NaN, the ..u ones true. Pairs give 1.0 and 0.0, masks of bits, or one bool.
#define HARNESS_COMPARE(NAME, EXPRESSION)                                                                                     \
  inline bool NAME(HARNESS_SMALL p, HARNESS_SMALL q) { const float a = p, b = q; return EXPRESSION; }                         \
  inline HARNESS_PAIR NAME##2(HARNESS_PAIR p, HARNESS_PAIR q) {                                                               \
    return HARNESS_EACH(HARNESS_WRAP(NAME(p.x, q.x) ? 1.0f : 0.0f), HARNESS_WRAP(NAME(p.y, q.y) ? 1.0f : 0.0f));              \
  }                                                                                                                           \
  inline unsigned NAME##2_mask(HARNESS_PAIR p, HARNESS_PAIR q) {                                                              \
    return (NAME(p.x, q.x) ? 0xffffu : 0u) | (NAME(p.y, q.y) ? 0xffff0000u : 0u);                                             \
  }
HARNESS_COMPARE(__heq, a == b)
HARNESS_COMPARE(__hne, a < b || a > b)
HARNESS_COMPARE(__hlt, a < b)
HARNESS_COMPARE(__hle, a <= b)
HARNESS_COMPARE(__hgt, a > b)
HARNESS_COMPARE(__hge, a >= b)
HARNESS_COMPARE(__hequ, !(a < b || a > b))
HARNESS_COMPARE(__hneu, !(a == b))
HARNESS_COMPARE(__hltu, !(a >= b))
HARNESS_COMPARE(__hleu, !(a > b))
HARNESS_COMPARE(__hgtu, !(a <= b))
HARNESS_COMPARE(__hgeu, !(a < b))
#undef HARNESS_COMPARE
#define HARNESS_BOTH_COMPARE(NAME, EACH) \
  inline bool NAME(HARNESS_PAIR a, HARNESS_PAIR b) { return EACH(a.x, b.x) && EACH(a.y, b.y); }
HARNESS_BOTH_COMPARE(__hbeq2, __heq)
HARNESS_BOTH_COMPARE(__hbne2, __hne)
HARNESS_BOTH_COMPARE(__hblt2, __hlt)
HARNESS_BOTH_COMPARE(__hble2, __hle)
HARNESS_BOTH_COMPARE(__hbgt2, __hgt)
HARNESS_BOTH_COMPARE(__hbge2, __hge)
HARNESS_BOTH_COMPARE(__hbequ2, __hequ)
HARNESS_BOTH_COMPARE(__hbneu2, __hneu)
HARNESS_BOTH_COMPARE(__hbltu2, __hltu)
HARNESS_BOTH_COMPARE(__hbleu2, __hleu)
HARNESS_BOTH_COMPARE(__hbgtu2, __hgtu)
HARNESS_BOTH_COMPARE(__hbgeu2, __hgeu)
#undef HARNESS_BOTH_COMPARE
inline HARNESS_PAIR __hisnan2(HARNESS_PAIR a) {
  return HARNESS_EACH(HARNESS_WRAP(__hisnan(a.x) ? 1.0f : 0.0f), HARNESS_WRAP(__hisnan(a.y) ? 1.0f : 0.0f));
}

// The operators take the type itself and nothing that converts to it: torch's Half converts to float and to __half alike, and
// has operators of its own.
#define HARNESS_ONLY(S) template <class S> requires std::is_same_v<S, HARNESS_SMALL>
#define HARNESS_OPERATOR(OP, NAME, NAME2)                                                                         \
  HARNESS_ONLY(S) inline S operator OP(const S& a, const S& b) { return NAME(a, b); }                             \
  HARNESS_ONLY(S) inline S& operator OP##=(S& a, const std::type_identity_t<S>& b) { return a = NAME(a, b); }     \
  inline HARNESS_PAIR operator OP(const HARNESS_PAIR& a, const HARNESS_PAIR& b) { return NAME2(a, b); }           \
  inline HARNESS_PAIR& operator OP##=(HARNESS_PAIR& a, const HARNESS_PAIR& b) { return a = NAME2(a, b); }
HARNESS_OPERATOR(+, __hadd, __hadd2)
HARNESS_OPERATOR(-, __hsub, __hsub2)
HARNESS_OPERATOR(*, __hmul, __hmul2)
HARNESS_OPERATOR(/, __hdiv, __h2div)
#undef HARNESS_OPERATOR
#define HARNESS_OPERATOR(OP, NAME, NAME2)                                                                         \
  HARNESS_ONLY(S) inline bool operator OP(const S& a, const S& b) { return NAME(a, b); }                          \
  inline bool operator OP(const HARNESS_PAIR& a, const HARNESS_PAIR& b) { return NAME2(a, b); }
HARNESS_OPERATOR(==, __heq, __hbeq2)
HARNESS_OPERATOR(!=, __hneu, __hbneu2)
HARNESS_OPERATOR(<, __hlt, __hblt2)
HARNESS_OPERATOR(<=, __hle, __hble2)
HARNESS_OPERATOR(>, __hgt, __hbgt2)
HARNESS_OPERATOR(>=, __hge, __hbge2)
#undef HARNESS_OPERATOR
HARNESS_ONLY(S) inline S operator+(const S& a) { return a; }
HARNESS_ONLY(S) inline S operator-(const S& a) { return __hneg(a); }
HARNESS_ONLY(S) inline S& operator++(S& a) { return a = HARNESS_WRAP(float(a) + 1.0f); }
HARNESS_ONLY(S) inline S& operator--(S& a) { return a = HARNESS_WRAP(float(a) - 1.0f); }
HARNESS_ONLY(S) inline S operator++(S& a, int) { const S old = a; ++a; return old; }
HARNESS_ONLY(S) inline S operator--(S& a, int) { const S old = a; --a; return old; }
inline HARNESS_PAIR operator+(const HARNESS_PAIR& a) { return a; }
inline HARNESS_PAIR operator-(const HARNESS_PAIR& a) { return __hneg2(a); }
#undef HARNESS_ONLY

#undef HARNESS_WRAP
#undef HARNESS_EACH
#undef HARNESS_ONE_OPERATION
#undef HARNESS_BINARY
#undef HARNESS_TERNARY
#undef HARNESS_UNARY
#undef HARNESS_SMALL
#undef HARNESS_PAIR
#undef HARNESS_FORMAT
