// What torch's CUDA headers give to extensions: streams, guards, device properties, error checks. One device, number 0.
#pragma once
#include <c10/core/Device.h>
#include <c10/util/Exception.h>
#include <string>
#include "host_device.h"
#include "host_stream.h"

namespace torch::headeronly {
template <typename T>
struct RestrictPtrTraits {
  typedef T* __restrict__ PtrType;
};
}  // namespace torch::headeronly
namespace at {
using torch::headeronly::RestrictPtrTraits;
}

namespace c10::cuda {
using DeviceIndex = c10::DeviceIndex;

class CUDAStream {
 public:
  explicit CUDAStream(cudaStream_t stream = nullptr) : stream_(stream) {}
  operator cudaStream_t() const { return stream_; }
  cudaStream_t stream() const { return stream_; }
  int64_t id() const { return int64_t(reinterpret_cast<intptr_t>(stream_)); }
  DeviceIndex device_index() const { return 0; }
  c10::Device device() const { return c10::Device(c10::DeviceType::CPU); }
  bool query() const { return true; }
  void synchronize() const {}
  int priority() const { return 0; }
  bool operator==(const CUDAStream& other) const { return stream_ == other.stream_; }
  bool operator!=(const CUDAStream& other) const { return stream_ != other.stream_; }

 private:
  cudaStream_t stream_;
};
inline CUDAStream getCurrentCUDAStream(DeviceIndex = -1) { return CUDAStream(); }
inline CUDAStream getDefaultCUDAStream(DeviceIndex = -1) { return CUDAStream(); }
inline CUDAStream getStreamFromPool(bool = false, DeviceIndex = -1) { return CUDAStream(); }
inline CUDAStream getStreamFromPool(int, DeviceIndex = -1) { return CUDAStream(); }
inline CUDAStream getStreamFromExternal(cudaStream_t stream, DeviceIndex) { return CUDAStream(stream); }
inline void setCurrentCUDAStream(CUDAStream) {}
inline DeviceIndex device_count() noexcept { return 1; }
inline DeviceIndex device_count_ensure_non_zero() { return 1; }
inline DeviceIndex current_device() { return 0; }
inline void set_device(DeviceIndex) {}
inline void device_synchronize() {}
inline void stream_synchronize(cudaStream_t) {}
inline int warp_size() { return 32; }

// A guard changes nothing where there is one device; it takes whatever names a device.
struct CUDAGuard {
  template <class D> explicit CUDAGuard(const D&) {}
  CUDAGuard(const CUDAGuard&) = delete;
  template <class D> void set_device(const D&) {}
  template <class D> void reset_device(const D&) {}
  void set_index(DeviceIndex) {}
  c10::Device original_device() const { return c10::Device(c10::DeviceType::CPU); }
  c10::Device current_device() const { return c10::Device(c10::DeviceType::CPU); }
};
struct OptionalCUDAGuard {
  OptionalCUDAGuard() {}
  template <class D> explicit OptionalCUDAGuard(const D&) {}
  OptionalCUDAGuard(const OptionalCUDAGuard&) = delete;
  template <class D> void set_device(const D&) {}
  template <class D> void reset_device(const D&) {}
  void set_index(DeviceIndex) {}
  void reset() {}
};
struct CUDAStreamGuard {
  explicit CUDAStreamGuard(CUDAStream) {}
  CUDAStreamGuard(const CUDAStreamGuard&) = delete;
  void reset_stream(CUDAStream) {}
  CUDAStream current_stream() const { return CUDAStream(); }
  CUDAStream original_stream() const { return CUDAStream(); }
};
struct OptionalCUDAStreamGuard {
  OptionalCUDAStreamGuard() {}
  explicit OptionalCUDAStreamGuard(CUDAStream) {}
  OptionalCUDAStreamGuard(const OptionalCUDAStreamGuard&) = delete;
};

inline void check(cudaError_t error, const char* file, int line) {
  if (error == cudaSuccess) return;
  cudaGetLastError();
  C10_THROW_ERROR(Error, std::string("CUDA error: ") + cudaGetErrorString(error) + " (" + file + ":" + std::to_string(line) + ")");
}
}  // namespace c10::cuda

namespace at::cuda {
using c10::cuda::CUDAGuard;
using c10::cuda::CUDAStream;
using c10::cuda::CUDAStreamGuard;
using c10::cuda::OptionalCUDAGuard;
using c10::cuda::OptionalCUDAStreamGuard;
using c10::cuda::current_device;
using c10::cuda::device_count;
using c10::cuda::device_synchronize;
using c10::cuda::getCurrentCUDAStream;
using c10::cuda::getDefaultCUDAStream;
using c10::cuda::getStreamFromExternal;
using c10::cuda::getStreamFromPool;
using c10::cuda::set_device;
using c10::cuda::setCurrentCUDAStream;
using c10::cuda::stream_synchronize;
using c10::cuda::warp_size;
inline cudaDeviceProp* getDeviceProperties(c10::DeviceIndex) {
  static cudaDeviceProp* properties = new cudaDeviceProp;  // the same for all: thread-local memory is scarce in a library
  cudaGetDeviceProperties(properties, 0);
  return properties;
}
inline cudaDeviceProp* getCurrentDeviceProperties() { return getDeviceProperties(0); }
inline int64_t getNumGPUs() { return 1; }
inline bool is_available() { return true; }
inline bool canDeviceAccessPeer(c10::DeviceIndex, c10::DeviceIndex) { return false; }
template <class T> inline T ATenCeilDiv(T a, T b) { return (a + b - 1) / b; }

class CUDAEvent {
 public:
  explicit CUDAEvent(unsigned flags = cudaEventDisableTiming) { cudaEventCreateWithFlags(&event_, flags); }
  CUDAEvent(const CUDAEvent&) = delete;
  ~CUDAEvent() { cudaEventDestroy(event_); }
  void record() { cudaEventRecord(event_); }
  void record(const CUDAStream&) { record(); }
  void recordOnce(const CUDAStream&) { record(); }
  void block(const CUDAStream&) {}
  void synchronize() const {}
  bool query() const { return true; }
  bool isCreated() const { return true; }
  cudaEvent_t event() const { return event_; }
  float elapsed_time(const CUDAEvent& end) const {
    float ms = 0;
    c10::cuda::check(cudaEventElapsedTime(&ms, event_, end.event_), __FILE__, __LINE__);
    return ms;
  }

 private:
  cudaEvent_t event_ = nullptr;
};
}  // namespace at::cuda

#define C10_CUDA_CHECK(EXPRESSION) ::c10::cuda::check(static_cast<cudaError_t>(EXPRESSION), __FILE__, __LINE__)
#define C10_CUDA_CHECK_WARN(EXPRESSION) static_cast<void>(EXPRESSION)
#define C10_CUDA_ERROR_HANDLED(EXPRESSION) (EXPRESSION)
#define C10_CUDA_IGNORE_ERROR(EXPRESSION) static_cast<void>(EXPRESSION)
#define C10_CUDA_CLEAR_ERROR() static_cast<void>(cudaGetLastError())
#define C10_CUDA_KERNEL_LAUNCH_CHECK() C10_CUDA_CHECK(cudaGetLastError())
#define AT_CUDA_CHECK(EXPRESSION) C10_CUDA_CHECK(EXPRESSION)
#define TORCH_CUDA_CHECK(EXPRESSION) C10_CUDA_CHECK(EXPRESSION)
#define THCudaCheck(EXPRESSION) C10_CUDA_CHECK(EXPRESSION)

// Launch helpers of ATen's own kernels, which extensions borrow.
#define CUDA_KERNEL_LOOP_TYPE(i, n, index_type)                                                     \
  for (index_type i = index_type(blockIdx.x) * blockDim.x + threadIdx.x; i < index_type(n); i += index_type(blockDim.x) * gridDim.x)
#define CUDA_KERNEL_LOOP(i, n) CUDA_KERNEL_LOOP_TYPE(i, n, int)
#define CUDA_1D_KERNEL_LOOP(i, n) CUDA_KERNEL_LOOP(i, n)
namespace at::cuda::detail {
constexpr int CUDA_NUM_THREADS = 1024;
inline int GET_BLOCKS(int64_t n, int64_t threads = CUDA_NUM_THREADS) {
  TORCH_CHECK(n > 0, "CUDA kernel launch blocks must be positive, but got N=", n);
  return int((n + threads - 1) / threads);
}
}  // namespace at::cuda::detail
