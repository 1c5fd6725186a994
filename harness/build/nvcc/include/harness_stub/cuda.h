// Streams, guards and the device's properties.
#pragma once
#include <cuda_runtime.h>

namespace c10::cuda {
struct CUDAStream {
  operator cudaStream_t() const;
  cudaStream_t stream() const;
  int device_index() const;
  Device device() const;
  void synchronize() const;
  bool query() const;
  int64_t id() const;
};
CUDAStream getCurrentCUDAStream(int = -1);
CUDAStream getDefaultCUDAStream(int = -1);
CUDAStream getStreamFromPool(bool = false, int = -1);
CUDAStream getStreamFromExternal(cudaStream_t, int);
void setCurrentCUDAStream(CUDAStream);
int device_count();
int current_device();
void set_device(int);
void device_synchronize();
struct CUDAGuard {
  explicit CUDAGuard(int);
  explicit CUDAGuard(Device);
  ~CUDAGuard();
  void set_index(int);
  void set_device(Device);
};
struct OptionalCUDAGuard {
  OptionalCUDAGuard();
  template <class T> explicit OptionalCUDAGuard(T);
  ~OptionalCUDAGuard();
  void set_index(int);
  void set_device(Device);
};
struct CUDAStreamGuard {
  explicit CUDAStreamGuard(CUDAStream);
  ~CUDAStreamGuard();
};
namespace CUDACachingAllocator {
void emptyCache();
void* raw_alloc(size_t);
void raw_delete(void*);
void* raw_alloc_with_stream(size_t, cudaStream_t);
}  // namespace CUDACachingAllocator
namespace compat {
#define HARNESS_STUB_MATH(name)                                                       \
  inline __device__ float name(float x) { return ::name##f(x); }                      \
  inline __device__ double name(double x) { return ::name(x); }
HARNESS_STUB_MATH(exp) HARNESS_STUB_MATH(log) HARNESS_STUB_MATH(sqrt) HARNESS_STUB_MATH(rsqrt) HARNESS_STUB_MATH(tanh)
HARNESS_STUB_MATH(erf) HARNESS_STUB_MATH(ceil) HARNESS_STUB_MATH(floor) HARNESS_STUB_MATH(sin) HARNESS_STUB_MATH(cos)
HARNESS_STUB_MATH(log1p) HARNESS_STUB_MATH(expm1) HARNESS_STUB_MATH(normcdf)
#undef HARNESS_STUB_MATH
inline __device__ float abs(float x) { return ::fabsf(x); }
inline __device__ double abs(double x) { return ::fabs(x); }
inline __device__ float max(float x, float y) { return ::fmaxf(x, y); }
inline __device__ float min(float x, float y) { return ::fminf(x, y); }
inline __device__ float pow(float x, float y) { return ::powf(x, y); }
inline __device__ double pow(double x, double y) { return ::pow(x, y); }
}  // namespace compat
}  // namespace c10::cuda

namespace at::cuda {
using namespace c10::cuda;
cudaDeviceProp* getCurrentDeviceProperties();
cudaDeviceProp* getDeviceProperties(int);
int warp_size();
bool is_available();
struct CUDAEvent {
  CUDAEvent();
  explicit CUDAEvent(unsigned);
  void record();
  void record(const CUDAStream&);
  void block(const CUDAStream&);
  void synchronize() const;
  bool query() const;
  float elapsed_time(const CUDAEvent&) const;
};
template <class T> T ceil_div(T a, T b);
template <class T> T ATenCeilDiv(T a, T b);
void* getCurrentCUDABlasHandle();
void device_synchronize();
}  // namespace at::cuda

namespace at {
template <class T> __host__ __device__ constexpr T ceil_div(T a, T b) { return (a + b - 1) / b; }
template <class T> __host__ __device__ constexpr T round_up(T a, T b) { return ceil_div(a, b) * b; }
struct DeviceGuard {
  explicit DeviceGuard(Device);
  ~DeviceGuard();
};
struct OptionalDeviceGuard {
  template <class... T> explicit OptionalDeviceGuard(T...);
  ~OptionalDeviceGuard();
};
struct NoGradGuard {
  NoGradGuard();
  ~NoGradGuard();
};
struct AutoDispatchBelowADInplaceOrView {
  AutoDispatchBelowADInplaceOrView();
  ~AutoDispatchBelowADInplaceOrView();
};
struct Context {
  bool hasCUDA() const;
  bool allowTF32CuBLAS() const;
  void setAllowTF32CuBLAS(bool);
};
Context& globalContext();
}  // namespace at

inline __device__ float gpuAtomicAdd(float* p, float v) { return ::atomicAdd(p, v); }
inline __device__ double gpuAtomicAdd(double* p, double v) { return ::atomicAdd(p, v); }
inline __device__ int gpuAtomicAdd(int* p, int v) { return ::atomicAdd(p, v); }
inline __device__ void gpuAtomicAddNoReturn(float* p, float v) { ::atomicAdd(p, v); }
inline __device__ void gpuAtomicAddNoReturn(double* p, double v) { ::atomicAdd(p, v); }
template <class T> __device__ T WARP_SHFL_DOWN(T v, unsigned delta, int width = 32, unsigned mask = ~0u) { return __shfl_down_sync(mask, v, delta, width); }
template <class T> __device__ T WARP_SHFL_XOR(T v, int lanes, int width = 32, unsigned mask = ~0u) { return __shfl_xor_sync(mask, v, lanes, width); }
template <class T> __device__ T WARP_SHFL(T v, int lane, int width = 32, unsigned mask = ~0u) { return __shfl_sync(mask, v, lane, width); }
inline __device__ unsigned WARP_BALLOT(int predicate, unsigned mask = ~0u) { return __ballot_sync(mask, predicate); }
