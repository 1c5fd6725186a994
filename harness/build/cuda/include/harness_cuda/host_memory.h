// Memory of the runtime API. Host and device share one; fresh memory holds garbage, so that nobody relies on zeros.
#pragma once
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include "host_types.h"

namespace harness_cuda {
struct Allocations {
  std::mutex mutex;
  std::map<const void*, size_t> bytes;
};
inline Allocations& allocations() {
  static Allocations* all = new Allocations;
  return *all;
}
inline cudaError_t allocate(void** p, size_t bytes) {
  if (!p) return failed(cudaErrorInvalidValue);
  *p = nullptr;
  if (bytes == 0) return cudaSuccess;
  if (bytes > (size_t(80) << 30) || !(*p = std::aligned_alloc(256, (bytes + 255) / 256 * 256))) return failed(cudaErrorMemoryAllocation);
  std::memset(*p, 0xFF, bytes);
  register_memory(*p, bytes);
  std::lock_guard<std::mutex> guard(allocations().mutex);
  allocations().bytes[*p] = bytes;
  return cudaSuccess;
}
inline cudaError_t release(void* p) {
  if (!p) return cudaSuccess;
  {
    std::lock_guard<std::mutex> guard(allocations().mutex);
    if (!allocations().bytes.erase(p)) return failed(cudaErrorInvalidValue);
  }
  forget_memory(p);
  std::free(p);
  return cudaSuccess;
}
inline cudaError_t copy(void* to, const void* from, size_t bytes) {
  if (bytes && (!to || !from)) return failed(cudaErrorInvalidValue);
  std::memmove(to, from, bytes);
  return cudaSuccess;
}
inline cudaError_t fill(void* to, int value, size_t bytes) {
  if (bytes && !to) return failed(cudaErrorInvalidValue);
  std::memset(to, value, bytes);
  return cudaSuccess;
}
}  // namespace harness_cuda

template <class T> inline cudaError_t cudaMalloc(T** p, size_t bytes) { return harness_cuda::allocate(reinterpret_cast<void**>(p), bytes); }
template <class T> inline cudaError_t cudaMallocAsync(T** p, size_t bytes, cudaStream_t = nullptr) { return cudaMalloc(p, bytes); }
template <class T> inline cudaError_t cudaMallocHost(T** p, size_t bytes, unsigned = 0) { return cudaMalloc(p, bytes); }
template <class T> inline cudaError_t cudaHostAlloc(T** p, size_t bytes, unsigned) { return cudaMalloc(p, bytes); }
template <class T> inline cudaError_t cudaMallocManaged(T** p, size_t bytes, unsigned = cudaMemAttachGlobal) { return cudaMalloc(p, bytes); }
template <class T> inline cudaError_t cudaMallocPitch(T** p, size_t* pitch, size_t width, size_t height) {
  *pitch = (width + 511) / 512 * 512;
  return cudaMalloc(p, *pitch * height);
}
inline cudaError_t cudaFree(void* p) { return harness_cuda::release(p); }
inline cudaError_t cudaFreeAsync(void* p, cudaStream_t) { return harness_cuda::release(p); }
inline cudaError_t cudaFreeHost(void* p) { return harness_cuda::release(p); }
inline cudaError_t cudaHostRegister(void* p, size_t bytes, unsigned) { return harness_cuda::register_memory(p, bytes), cudaSuccess; }
inline cudaError_t cudaHostUnregister(void* p) { return harness_cuda::forget_memory(p), cudaSuccess; }
template <class T> inline cudaError_t cudaHostGetDevicePointer(T** device, void* host, unsigned) { return *device = static_cast<T*>(host), cudaSuccess; }

inline cudaError_t cudaMemcpy(void* to, const void* from, size_t bytes, cudaMemcpyKind) { return harness_cuda::copy(to, from, bytes); }
inline cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t bytes, cudaMemcpyKind, cudaStream_t = nullptr) {
  return harness_cuda::copy(to, from, bytes);
}
inline cudaError_t cudaMemcpyPeer(void* to, int, const void* from, int, size_t bytes) { return harness_cuda::copy(to, from, bytes); }
inline cudaError_t cudaMemset(void* p, int value, size_t bytes) { return harness_cuda::fill(p, value, bytes); }
inline cudaError_t cudaMemsetAsync(void* p, int value, size_t bytes, cudaStream_t = nullptr) { return harness_cuda::fill(p, value, bytes); }
inline cudaError_t cudaMemcpy2D(void* to, size_t to_pitch, const void* from, size_t from_pitch, size_t width, size_t height, cudaMemcpyKind) {
  if (width > to_pitch || width > from_pitch) return harness_cuda::failed(cudaErrorInvalidPitchValue);
  for (size_t row = 0; row < height; ++row)
    std::memmove(static_cast<char*>(to) + row * to_pitch, static_cast<const char*>(from) + row * from_pitch, width);
  return cudaSuccess;
}
inline cudaError_t cudaMemcpy2DAsync(void* to, size_t to_pitch, const void* from, size_t from_pitch, size_t width, size_t height,
                                     cudaMemcpyKind kind, cudaStream_t = nullptr) {
  return cudaMemcpy2D(to, to_pitch, from, from_pitch, width, height, kind);
}
inline cudaError_t cudaMemset2D(void* p, size_t pitch, int value, size_t width, size_t height) {
  for (size_t row = 0; row < height; ++row) std::memset(static_cast<char*>(p) + row * pitch, value, width);
  return cudaSuccess;
}
inline cudaError_t cudaMemset2DAsync(void* p, size_t pitch, int value, size_t width, size_t height, cudaStream_t = nullptr) {
  return cudaMemset2D(p, pitch, value, width, height);
}

// A symbol is the variable itself: __device__ and __constant__ variables are plain ones here.
template <class T> inline cudaError_t cudaGetSymbolAddress(void** p, const T& symbol) { return *p = const_cast<T*>(&symbol), cudaSuccess; }
template <class T> inline cudaError_t cudaGetSymbolSize(size_t* bytes, const T&) { return *bytes = sizeof(T), cudaSuccess; }
template <class T>
inline cudaError_t cudaMemcpyToSymbol(const T& symbol, const void* from, size_t bytes, size_t offset = 0, cudaMemcpyKind = cudaMemcpyHostToDevice) {
  if (offset > sizeof(T) || bytes > sizeof(T) - offset) return harness_cuda::failed(cudaErrorInvalidValue);
  return harness_cuda::copy(reinterpret_cast<char*>(const_cast<std::remove_const_t<T>*>(&symbol)) + offset, from, bytes);
}
template <class T>
inline cudaError_t cudaMemcpyToSymbolAsync(const T& symbol, const void* from, size_t bytes, size_t offset = 0,
                                           cudaMemcpyKind kind = cudaMemcpyHostToDevice, cudaStream_t = nullptr) {
  return cudaMemcpyToSymbol(symbol, from, bytes, offset, kind);
}
template <class T>
inline cudaError_t cudaMemcpyFromSymbol(void* to, const T& symbol, size_t bytes, size_t offset = 0, cudaMemcpyKind = cudaMemcpyDeviceToHost) {
  if (offset > sizeof(T) || bytes > sizeof(T) - offset) return harness_cuda::failed(cudaErrorInvalidValue);
  return harness_cuda::copy(to, reinterpret_cast<const char*>(&symbol) + offset, bytes);
}
template <class T>
inline cudaError_t cudaMemcpyFromSymbolAsync(void* to, const T& symbol, size_t bytes, size_t offset = 0,
                                             cudaMemcpyKind kind = cudaMemcpyDeviceToHost, cudaStream_t = nullptr) {
  return cudaMemcpyFromSymbol(to, symbol, bytes, offset, kind);
}

inline cudaError_t cudaMemPrefetchAsync(const void*, size_t, int, cudaStream_t = nullptr) { return cudaSuccess; }
inline cudaError_t cudaMemAdvise(const void*, size_t, cudaMemoryAdvise, int) { return cudaSuccess; }
inline cudaError_t cudaPointerGetAttributes(cudaPointerAttributes* attributes, const void* p) {
  *attributes = {cudaMemoryTypeDevice, 0, const_cast<void*>(p), const_cast<void*>(p)};
  return cudaSuccess;
}
