// Scalar types, devices and the other enumerations.
#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#define C10_HOST_DEVICE __host__ __device__
#define C10_DEVICE __device__
#define C10_HOST __host__
#define C10_ALWAYS_INLINE inline __attribute__((always_inline))
#define C10_NOINLINE __attribute__((noinline))
#define C10_LAUNCH_BOUNDS_0 __launch_bounds__(256, 4)
#define C10_LAUNCH_BOUNDS_1(threads) __launch_bounds__(threads)
#define C10_LAUNCH_BOUNDS_2(threads, blocks) __launch_bounds__(threads, blocks)
#define C10_LAUNCH_BOUNDS C10_LAUNCH_BOUNDS_1
#define C10_WARP_SIZE 32
#define C10_UNUSED [[maybe_unused]]
#define C10_RESTRICT __restrict__
#define C10_EXPORT
#define C10_API
#define TORCH_API
#define C10_LIKELY(condition) (condition)
#define C10_UNLIKELY(condition) (condition)
#define C10_CONCATENATE_IMPL(a, b) a##b
#define C10_CONCATENATE(a, b) C10_CONCATENATE_IMPL(a, b)
#define C10_UID __COUNTER__

namespace c10 {
enum class ScalarType : int8_t {
  Byte, Char, Short, Int, Long, Half, Float, Double, ComplexHalf, ComplexFloat, ComplexDouble, Bool, BFloat16, Float8_e5m2,
  Float8_e4m3fn, UInt16, UInt32, UInt64, Undefined
};
enum class DeviceType : int8_t { CPU, CUDA, HIP, Meta };
enum class Layout : int8_t { Strided, Sparse, SparseCsr };
enum class MemoryFormat : int8_t { Contiguous, Preserve, ChannelsLast, ChannelsLast3d };
using DeviceIndex = int8_t;

struct Device {
  Device(DeviceType type, int index = -1);
  template <class Text, class = decltype(std::declval<Text>()[0] == 'c')> Device(const Text& name);
  bool is_cuda() const;
  bool is_cpu() const;
  bool has_index() const;
  DeviceIndex index() const;
  DeviceType type() const;
  const char* str() const;
  bool operator==(const Device&) const;
  bool operator!=(const Device&) const;
};

constexpr ScalarType kByte = ScalarType::Byte, kUInt8 = kByte, kChar = ScalarType::Char, kInt8 = kChar,
                     kShort = ScalarType::Short, kInt16 = kShort, kInt = ScalarType::Int, kInt32 = kInt,
                     kLong = ScalarType::Long, kInt64 = kLong, kHalf = ScalarType::Half, kFloat16 = kHalf,
                     kFloat = ScalarType::Float, kFloat32 = kFloat, kDouble = ScalarType::Double, kFloat64 = kDouble,
                     kBool = ScalarType::Bool, kBFloat16 = ScalarType::BFloat16, kUInt16 = ScalarType::UInt16,
                     kUInt32 = ScalarType::UInt32, kUInt64 = ScalarType::UInt64, kComplexFloat = ScalarType::ComplexFloat,
                     kComplexDouble = ScalarType::ComplexDouble, kFloat8_e4m3fn = ScalarType::Float8_e4m3fn,
                     kFloat8_e5m2 = ScalarType::Float8_e5m2;
constexpr DeviceType kCPU = DeviceType::CPU, kCUDA = DeviceType::CUDA, kHIP = DeviceType::HIP, kMeta = DeviceType::Meta;
constexpr Layout kStrided = Layout::Strided, kSparse = Layout::Sparse;

const char* toString(ScalarType);
size_t elementSize(ScalarType);
bool isFloatingType(ScalarType);
bool isIntegralType(ScalarType, bool = false);
ScalarType promoteTypes(ScalarType, ScalarType);

using std::make_optional;
using std::nullopt;
using std::optional;
}  // namespace c10

namespace caffe2 {
struct TypeMeta {
  TypeMeta(c10::ScalarType);
  const char* name() const;
  size_t itemsize() const;
  c10::ScalarType toScalarType() const;
  template <class T> static TypeMeta Make();
  template <class T> bool Match() const;
  operator c10::ScalarType() const;
};
bool operator==(const TypeMeta&, const TypeMeta&);
bool operator==(const TypeMeta&, c10::ScalarType);
bool operator==(c10::ScalarType, const TypeMeta&);
bool operator!=(const TypeMeta&, const TypeMeta&);
bool operator!=(const TypeMeta&, c10::ScalarType);
bool operator!=(c10::ScalarType, const TypeMeta&);
}  // namespace caffe2
