// How a new tensor is to be made.
#pragma once

namespace c10 {
struct TensorOptions {
  TensorOptions();
  TensorOptions(ScalarType);
  TensorOptions(caffe2::TypeMeta);
  TensorOptions(Device);
  TensorOptions(DeviceType);
  TensorOptions(Layout);
  TensorOptions(MemoryFormat);
  TensorOptions dtype(ScalarType) const;
  TensorOptions dtype(caffe2::TypeMeta) const;
  template <class T> TensorOptions dtype() const;
  caffe2::TypeMeta dtype() const;
  TensorOptions device(Device) const;
  TensorOptions device(std::optional<Device>) const;
  TensorOptions device(DeviceType, int = -1) const;
  Device device() const;
  TensorOptions device_index(int) const;
  TensorOptions layout(Layout) const;
  TensorOptions memory_format(MemoryFormat) const;
  TensorOptions requires_grad(std::optional<bool> = true) const;
  TensorOptions pinned_memory(std::optional<bool>) const;
};
TensorOptions dtype(ScalarType);
TensorOptions dtype(caffe2::TypeMeta);
template <class T> TensorOptions dtype();
TensorOptions device(Device);
TensorOptions layout(Layout);
TensorOptions memory_format(MemoryFormat);
TensorOptions requires_grad(bool = true);
}  // namespace c10

namespace at {
using namespace c10;
namespace indexing {
struct None_t {};
struct Ellipsis_t {};
constexpr None_t None{};
constexpr Ellipsis_t Ellipsis{};
struct Slice {
  template <class... A> Slice(A...);
};
}  // namespace indexing
}  // namespace at
