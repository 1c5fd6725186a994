// The tensor. Members whose type matters are spelt out; any other name that a source calls is added by the builder through
// HARNESS_STUB_METHODS and HARNESS_STUB_INPLACE (see `stubs.py`) and returns a tensor.
#pragma once
#ifdef HARNESS_STUB_NAMES
#include "harness_stub_names.h"
#else
#define HARNESS_STUB_METHODS(F)
#define HARNESS_STUB_INPLACE(F)
#define HARNESS_STUB_FUNCTIONS(F)
#endif

#define HARNESS_STUB_METHOD(name)                             \
  template <class... A> Tensor name(const A&...) const;       \
  Tensor name(IntArrayRef) const;                             \
  Tensor name(IntArrayRef, bool) const;                       \
  Tensor name(IntArrayRef, bool, ScalarType) const;
#define HARNESS_STUB_INPLACE_METHOD(name) \
  template <class... A> Tensor& name(const A&...) const; \
  Tensor& name(IntArrayRef) const;

namespace at {
struct Tensor;
using TensorList = ArrayRef<Tensor>;
using OptionalTensorRef = std::optional<Tensor>;

struct DeprecatedTypeProperties {
  operator ScalarType() const;
  ScalarType scalarType() const;
  bool is_cuda() const;
  const char* toString() const;
};
struct Storage {
  void* data() const;
  size_t nbytes() const;
};
struct Generator {};
namespace indexing {
struct TensorIndex {
  template <class T> TensorIndex(const T&);
};
}  // namespace indexing

struct Tensor {
  Tensor();
  ~Tensor();
  Tensor(const Tensor&);
  Tensor& operator=(const Tensor&);
  Tensor& operator=(const Scalar&);

  template <class T> T* data_ptr() const;
  void* data_ptr() const;
  template <class T> const T* const_data_ptr() const;
  const void* const_data_ptr() const;
  template <class T> T* mutable_data_ptr() const;
  void* mutable_data_ptr() const;
  template <class T> T* data() const;
  Tensor data() const;
  template <class T, size_t N> TensorAccessor<T, N> accessor() const;
  template <class T, size_t N, template <class> class P = DefaultPtrTraits> PackedTensorAccessor32<T, N, P> packed_accessor32() const;
  template <class T, size_t N, template <class> class P = DefaultPtrTraits> PackedTensorAccessor64<T, N, P> packed_accessor64() const;
  template <class T, size_t N, template <class> class P = DefaultPtrTraits, class I = int64_t>
  GenericPackedTensorAccessor<T, N, P, I> generic_packed_accessor() const;
  template <class T, size_t N, template <class> class P = DefaultPtrTraits, class I = int64_t>
  GenericPackedTensorAccessor<T, N, P, I> packed_accessor() const;

  int64_t size(int64_t) const;
  int64_t stride(int64_t) const;
  int64_t sym_size(int64_t) const;
  IntArrayRef sizes() const;
  IntArrayRef strides() const;
  int64_t numel() const;
  int64_t dim() const;
  int64_t ndimension() const;
  int64_t element_size() const;
  size_t itemsize() const;
  size_t nbytes() const;
  int64_t storage_offset() const;
  Storage storage() const;
  int64_t use_count() const;
  int64_t get_device() const;
  bool defined() const;
  bool has_storage() const;
  bool is_cuda() const;
  bool is_cpu() const;
  bool is_sparse() const;
  bool is_floating_point() const;
  bool is_complex() const;
  bool is_signed() const;
  bool is_contiguous(MemoryFormat = MemoryFormat::Contiguous) const;
  bool is_non_overlapping_and_dense() const;
  bool is_same(const Tensor&) const;
  bool is_same_size(const Tensor&) const;
  bool is_leaf() const;
  bool is_pinned() const;
  bool is_alias_of(const Tensor&) const;
  bool requires_grad() const;
  bool equal(const Tensor&) const;
  bool allclose(const Tensor&, double = 1e-5, double = 1e-8, bool = false) const;
  TensorOptions options() const;
  ScalarType scalar_type() const;
  caffe2::TypeMeta dtype() const;
  DeprecatedTypeProperties type() const;
  Device device() const;
  Layout layout() const;
  MemoryFormat suggest_memory_format() const;
  const char* toString() const;
  template <class T> T item() const;
  Scalar item() const;
  void print() const;
  void reset();
  void backward() const;
  Tensor grad() const;
  Tensor& set_requires_grad(bool) const;
  Tensor& requires_grad_(bool = true) const;

  Tensor to(ScalarType, bool = false, bool = false) const;
  Tensor to(caffe2::TypeMeta, bool = false, bool = false) const;
  Tensor to(Device, bool = false) const;
  Tensor to(DeviceType, bool = false) const;
  Tensor to(Device, ScalarType, bool = false, bool = false) const;
  Tensor to(TensorOptions, bool = false, bool = false) const;
  Tensor contiguous(MemoryFormat = MemoryFormat::Contiguous) const;
  Tensor view(ScalarType) const;
  Tensor view(IntArrayRef) const;
  Tensor flatten(int64_t = 0, int64_t = -1) const;
  Tensor index(const std::initializer_list<indexing::TensorIndex>&) const;
  template <class V> Tensor& index_put_(const std::initializer_list<indexing::TensorIndex>&, const V&, bool = false) const;
  std::vector<Tensor> unbind(int64_t = 0) const;
  std::vector<Tensor> chunk(int64_t, int64_t = 0) const;
  std::vector<Tensor> split(int64_t, int64_t = 0) const;
  std::vector<Tensor> split(IntArrayRef, int64_t = 0) const;
  std::vector<Tensor> split_with_sizes(IntArrayRef, int64_t = 0) const;
  Tensor max() const;
  Tensor min() const;
  Tensor max(const Tensor&) const;
  Tensor min(const Tensor&) const;
  std::tuple<Tensor, Tensor> max(int64_t, bool = false) const;
  std::tuple<Tensor, Tensor> min(int64_t, bool = false) const;
  std::tuple<Tensor, Tensor> sort(int64_t = -1, bool = false) const;
  std::tuple<Tensor, Tensor> topk(int64_t, int64_t = -1, bool = true, bool = true) const;

  Tensor operator[](int64_t) const;
  Tensor operator[](const Tensor&) const;
  Tensor operator-() const;
  Tensor operator~() const;
#define HARNESS_STUB_ASSIGN(sign)                  \
  Tensor& operator sign(const Tensor&) const;      \
  Tensor& operator sign(const Scalar&) const;
  HARNESS_STUB_ASSIGN(+=) HARNESS_STUB_ASSIGN(-=) HARNESS_STUB_ASSIGN(*=) HARNESS_STUB_ASSIGN(/=)
#undef HARNESS_STUB_ASSIGN
  HARNESS_STUB_METHODS(HARNESS_STUB_METHOD)
  HARNESS_STUB_INPLACE(HARNESS_STUB_INPLACE_METHOD)
};

#define HARNESS_STUB_OPERATOR(sign)                                       \
  Tensor operator sign(const Tensor&, const Tensor&);                     \
  Tensor operator sign(const Tensor&, const Scalar&);                     \
  Tensor operator sign(const Scalar&, const Tensor&);
HARNESS_STUB_OPERATOR(+) HARNESS_STUB_OPERATOR(-) HARNESS_STUB_OPERATOR(*) HARNESS_STUB_OPERATOR(/)
HARNESS_STUB_OPERATOR(==) HARNESS_STUB_OPERATOR(!=) HARNESS_STUB_OPERATOR(<) HARNESS_STUB_OPERATOR(>)
HARNESS_STUB_OPERATOR(<=) HARNESS_STUB_OPERATOR(>=) HARNESS_STUB_OPERATOR(&) HARNESS_STUB_OPERATOR(|)
#undef HARNESS_STUB_OPERATOR
}  // namespace at
