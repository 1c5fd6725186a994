// Views of arrays, and numbers whose type is known at run time.
#pragma once

namespace c10 {
template <class T> struct ArrayRef {
  using value_type = T;
  ArrayRef();
  ArrayRef(const T& one);
  ArrayRef(const T* data, size_t size);
  ArrayRef(const std::initializer_list<T>&);
  ArrayRef(const std::vector<T>&);
  template <size_t N> ArrayRef(const T (&)[N]);
  template <class C, class = decltype(std::declval<const C&>().data()), class = decltype(std::declval<const C&>().size())>
  ArrayRef(const C&);
  const T& operator[](size_t) const;
  const T& at(size_t) const;
  const T& front() const;
  const T& back() const;
  size_t size() const;
  bool empty() const;
  const T* data() const;
  const T* begin() const;
  const T* end() const;
  ArrayRef slice(size_t, size_t) const;
  ArrayRef slice(size_t) const;
  bool equals(ArrayRef) const;
  std::vector<T> vec() const;
};
template <class T> bool operator==(ArrayRef<T>, ArrayRef<T>);
template <class T> bool operator!=(ArrayRef<T>, ArrayRef<T>);
using IntArrayRef = ArrayRef<int64_t>;

struct OptionalIntArrayRef {
  OptionalIntArrayRef();
  OptionalIntArrayRef(std::nullopt_t);
  OptionalIntArrayRef(int64_t);
  OptionalIntArrayRef(IntArrayRef);
  OptionalIntArrayRef(const std::initializer_list<int64_t>&);
  OptionalIntArrayRef(const std::vector<int64_t>&);
};

struct Scalar {
  Scalar();
  template <class T, class = std::enable_if_t<std::is_arithmetic_v<T> || std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>>>
  Scalar(T);
  template <class T> T to() const;
  double toDouble() const;
  float toFloat() const;
  int64_t toLong() const;
  int toInt() const;
  bool toBool() const;
  ScalarType type() const;
  bool isFloatingPoint() const;
  bool isIntegral(bool) const;
};
}  // namespace c10
