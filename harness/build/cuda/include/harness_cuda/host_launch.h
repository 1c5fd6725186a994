// Launches by function call, function attributes and occupancy.
// A kernel given as `(void*)kernel` has lost its parameter types: the translator removes such a cast before these functions see it.
#pragma once
#include <utility>
#include "host_device.h"

struct cudaLaunchAttributeValue {
  int cooperative;
  int programmaticStreamSerializationAllowed;
  int priority;
  struct { unsigned x, y, z; } clusterDim;
};
enum cudaLaunchAttributeID {
  cudaLaunchAttributeIgnore = 0, cudaLaunchAttributeCooperative = 2, cudaLaunchAttributeClusterDimension = 4,
  cudaLaunchAttributeProgrammaticStreamSerialization = 6, cudaLaunchAttributePriority = 8
};
struct cudaLaunchAttribute { cudaLaunchAttributeID id; cudaLaunchAttributeValue val; };
struct cudaLaunchConfig_t {
  dim3 gridDim, blockDim;
  size_t dynamicSmemBytes = 0;
  cudaStream_t stream = nullptr;
  cudaLaunchAttribute* attrs = nullptr;
  unsigned numAttrs = 0;
};

namespace harness_cuda {
template <class... Parameter, size_t... I>
inline cudaError_t launch_packed(void (*kernel)(Parameter...), Configuration configuration, void** arguments, std::index_sequence<I...>) {
  last_error() = cudaSuccess;
  launch("kernel", configuration, [&] { kernel(*static_cast<std::remove_reference_t<Parameter>*>(arguments[I])...); });
  return cudaPeekAtLastError();
}
template <class... Parameter>
inline cudaError_t launch_packed(void (*kernel)(Parameter...), dim3 grid, dim3 block, void** arguments, size_t shared, bool cooperative) {
  Configuration configuration(grid, block, shared);
  configuration.cooperative = cooperative;
  return launch_packed(kernel, configuration, arguments, std::index_sequence_for<Parameter...>());
}
}  // namespace harness_cuda

template <class... Parameter>
inline cudaError_t cudaLaunchKernel(void (*kernel)(Parameter...), dim3 grid, dim3 block, void** arguments, size_t shared = 0, cudaStream_t = nullptr) {
  return harness_cuda::launch_packed(kernel, grid, block, arguments, shared, false);
}
template <class... Parameter>
inline cudaError_t cudaLaunchCooperativeKernel(void (*kernel)(Parameter...), dim3 grid, dim3 block, void** arguments, size_t shared = 0, cudaStream_t = nullptr) {
  return harness_cuda::launch_packed(kernel, grid, block, arguments, shared, true);
}
inline cudaError_t cudaLaunchKernel(const void*, dim3, dim3, void**, size_t = 0, cudaStream_t = nullptr) {
  harness_cuda::refuse("cudaLaunchKernel of a kernel held as void*");
}
inline cudaError_t cudaLaunchCooperativeKernel(const void*, dim3, dim3, void**, size_t = 0, cudaStream_t = nullptr) {
  harness_cuda::refuse("cudaLaunchCooperativeKernel of a kernel held as void*");
}
template <class... Parameter, class... Argument>
inline cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t* config, void (*kernel)(Parameter...), Argument&&... arguments) {
  harness_cuda::Configuration configuration(config->gridDim, config->blockDim, config->dynamicSmemBytes);
  for (unsigned i = 0; i < config->numAttrs; ++i) {
    const cudaLaunchAttribute& attribute = config->attrs[i];
    if (attribute.id == cudaLaunchAttributeCooperative) configuration.cooperative = attribute.val.cooperative != 0;
    if (attribute.id == cudaLaunchAttributeClusterDimension &&
        attribute.val.clusterDim.x * attribute.val.clusterDim.y * attribute.val.clusterDim.z > 1)
      harness_cuda::refuse("thread block clusters");
  }
  harness_cuda::last_error() = cudaSuccess;
  harness_cuda::launch("kernel", configuration, [&] { kernel(Parameter(arguments)...); });
  return cudaPeekAtLastError();
}

template <class F>
inline cudaError_t cudaFuncSetAttribute(F, cudaFuncAttribute attribute, int value) {
  if (attribute != cudaFuncAttributeMaxDynamicSharedMemorySize) return cudaSuccess;
  return value >= 0 && harness_cuda::allow_dynamic_shared(size_t(value)) ? cudaSuccess : harness_cuda::failed(cudaErrorInvalidValue);
}
template <class F> inline cudaError_t cudaFuncSetCacheConfig(F, cudaFuncCache) { return cudaSuccess; }
template <class F> inline cudaError_t cudaFuncSetSharedMemConfig(F, cudaSharedMemConfig) { return cudaSuccess; }
template <class F>
inline cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* attributes, F) {
  const auto& o = harness_cuda::options();
  const int arch = int(o.arch_major * 10 + o.arch_minor);
  *attributes = {0, 0, 0, int(o.max_threads_per_block), 32, arch, arch, 0, int(o.shared_bytes), -1};
  return cudaSuccess;
}

template <class F>
inline cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, F, int threads, size_t shared) {
  return *blocks = harness_cuda::blocks_per_sm(threads, shared), cudaSuccess;
}
template <class F>
inline cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int* blocks, F kernel, int threads, size_t shared, unsigned) {
  return cudaOccupancyMaxActiveBlocksPerMultiprocessor(blocks, kernel, threads, shared);
}
// The largest block among those that fill an SM best.
template <class F, class Shared>
inline cudaError_t cudaOccupancyMaxPotentialBlockSizeVariableSMem(int* grid, int* block, F, Shared shared, int limit = 0) {
  const int most = limit > 0 && limit < int(harness_cuda::options().max_threads_per_block) ? limit : int(harness_cuda::options().max_threads_per_block);
  int best = 0;
  *block = *grid = 0;
  for (int threads = most / 32 * 32; threads >= 32; threads -= 32) {
    const int blocks = harness_cuda::blocks_per_sm(threads, shared(threads));
    if (blocks * threads <= best) continue;
    best = blocks * threads;
    *block = threads;
    *grid = blocks * int(harness_cuda::options().sm_count);
  }
  return cudaSuccess;
}
template <class F>
inline cudaError_t cudaOccupancyMaxPotentialBlockSize(int* grid, int* block, F kernel, size_t shared = 0, int limit = 0) {
  return cudaOccupancyMaxPotentialBlockSizeVariableSMem(grid, block, kernel, [shared](int) { return shared; }, limit);
}
