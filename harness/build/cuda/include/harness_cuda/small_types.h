// The types of a 16-bit float, a pair, and their raw forms, with the constructors and conversions that CUDA gives them.
// Included once for half and once for bfloat16, with the names given as macros; hence no guard.

struct __attribute__((may_alias)) HARNESS_RAW { unsigned short x; };
struct __attribute__((may_alias, aligned(4))) HARNESS_RAW2 { unsigned short x, y; };

struct __attribute__((may_alias)) HARNESS_SMALL {
  HARNESS_SMALL() = default;
  constexpr HARNESS_SMALL(HARNESS_RAW raw) : bits_(raw.x) {}
  template <class T, class = std::enable_if_t<std::is_arithmetic_v<T>>>
  HARNESS_SMALL(T v) : bits_(from(v)) {}
  operator float() const { return HARNESS_FORMAT::widen(bits_); }
  operator HARNESS_RAW() const { return HARNESS_RAW{bits_}; }

 private:
  template <class T>
  static unsigned short from(T v) {
    if constexpr (std::is_same_v<T, float>) return HARNESS_FORMAT::narrow(v);
    else if constexpr (std::is_floating_point_v<T>) return HARNESS_FORMAT::narrow(harness_cuda::float_to_odd(double(v)));
    else return harness_cuda::narrow_integer<HARNESS_FORMAT>(v, harness_cuda::Round::nearest);
  }
  unsigned short bits_;
};

struct __attribute__((may_alias, aligned(4))) HARNESS_PAIR {
  HARNESS_SMALL x, y;
  HARNESS_PAIR() = default;
  HARNESS_PAIR(const HARNESS_SMALL& x, const HARNESS_SMALL& y) : x(x), y(y) {}
  constexpr HARNESS_PAIR(HARNESS_RAW2 raw) : x(HARNESS_RAW{raw.x}), y(HARNESS_RAW{raw.y}) {}
  operator HARNESS_RAW2() const { return HARNESS_RAW2{HARNESS_RAW(x).x, HARNESS_RAW(y).x}; }
};

#undef HARNESS_RAW
#undef HARNESS_RAW2
#undef HARNESS_SMALL
#undef HARNESS_PAIR
#undef HARNESS_FORMAT
