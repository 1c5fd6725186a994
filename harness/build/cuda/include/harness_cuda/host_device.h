// The device that kernels are told about: the named architecture of the options, with an H100's figures where those say nothing.
#pragma once
#include <cstring>
#include "host_types.h"

namespace harness_cuda {
inline constexpr int kSharedPerSm = 228 << 10, kThreadsPerSm = 2048, kBlocksPerSm = 32, kRegistersPerSm = 65536;
inline constexpr size_t kDeviceMemory = size_t(80) << 30;
// Blocks of one size that an SM holds at once. The registers of a kernel are not known here: 32 are assumed.
inline int blocks_per_sm(int threads, size_t shared) {
  if (threads <= 0 || unsigned(threads) > options().max_threads_per_block || shared > options().shared_optin_bytes) return 0;
  const int rounded_up = (threads + 31) / 32 * 32;
  int blocks = kThreadsPerSm / rounded_up;
  if (blocks > kBlocksPerSm) blocks = kBlocksPerSm;
  const int by_shared = int(size_t(kSharedPerSm) / (shared + 1024));  // a block's own 1 KiB is reserved
  return blocks < by_shared ? blocks : by_shared;
}

// -1 is what a CPU tensor, which passes for a GPU's, says its device's index is.
inline bool is_the_device(int device) { return device == 0 || device == -1; }
}  // namespace harness_cuda

struct cudaDeviceProp {
  char name[256];
  size_t totalGlobalMem, sharedMemPerBlock;
  int regsPerBlock, warpSize;
  size_t memPitch;
  int maxThreadsPerBlock, maxThreadsDim[3], maxGridSize[3], clockRate;
  size_t totalConstMem;
  int major, minor;
  size_t textureAlignment;
  int deviceOverlap, multiProcessorCount, kernelExecTimeoutEnabled, integrated, canMapHostMemory, computeMode;
  int concurrentKernels, ECCEnabled, pciBusID, pciDeviceID, pciDomainID, tccDriver, asyncEngineCount, unifiedAddressing;
  int memoryClockRate, memoryBusWidth, l2CacheSize, persistingL2CacheMaxSize, maxThreadsPerMultiProcessor;
  int streamPrioritiesSupported, globalL1CacheSupported, localL1CacheSupported;
  size_t sharedMemPerMultiprocessor;
  int regsPerMultiprocessor, managedMemory, isMultiGpuBoard, concurrentManagedAccess, pageableMemoryAccess;
  int cooperativeLaunch, cooperativeMultiDeviceLaunch;
  size_t sharedMemPerBlockOptin, reservedSharedMemPerBlock;
  int maxBlocksPerMultiProcessor, accessPolicyMaxWindowSize;
};

enum cudaDeviceAttr {
  cudaDevAttrMaxThreadsPerBlock = 1, cudaDevAttrMaxBlockDimX = 2, cudaDevAttrMaxBlockDimY = 3, cudaDevAttrMaxBlockDimZ = 4,
  cudaDevAttrMaxGridDimX = 5, cudaDevAttrMaxGridDimY = 6, cudaDevAttrMaxGridDimZ = 7, cudaDevAttrMaxSharedMemoryPerBlock = 8,
  cudaDevAttrTotalConstantMemory = 9, cudaDevAttrWarpSize = 10, cudaDevAttrMaxRegistersPerBlock = 12, cudaDevAttrClockRate = 13,
  cudaDevAttrMultiProcessorCount = 16, cudaDevAttrIntegrated = 18, cudaDevAttrConcurrentKernels = 31,
  cudaDevAttrMemoryClockRate = 36, cudaDevAttrGlobalMemoryBusWidth = 37, cudaDevAttrL2CacheSize = 38,
  cudaDevAttrMaxThreadsPerMultiProcessor = 39, cudaDevAttrUnifiedAddressing = 41, cudaDevAttrComputeCapabilityMajor = 75,
  cudaDevAttrComputeCapabilityMinor = 76, cudaDevAttrMaxSharedMemoryPerMultiprocessor = 81,
  cudaDevAttrMaxRegistersPerMultiprocessor = 82, cudaDevAttrManagedMemory = 83, cudaDevAttrConcurrentManagedAccess = 89,
  cudaDevAttrCooperativeLaunch = 95, cudaDevAttrMaxSharedMemoryPerBlockOptin = 97, cudaDevAttrMaxBlocksPerMultiprocessor = 106,
  cudaDevAttrReservedSharedMemoryPerBlock = 111, cudaDevAttrMemoryPoolsSupported = 115, cudaDevAttrClusterLaunch = 120
};

inline cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int device) {
  if (!harness_cuda::is_the_device(device)) return harness_cuda::failed(cudaErrorInvalidDevice);
  const auto& o = harness_cuda::options();
  switch (attribute) {
    case cudaDevAttrMaxThreadsPerBlock:
    case cudaDevAttrMaxBlockDimX:
    case cudaDevAttrMaxBlockDimY: *value = int(o.max_threads_per_block); break;
    case cudaDevAttrMaxBlockDimZ: *value = 64; break;
    case cudaDevAttrMaxGridDimX: *value = 0x7fffffff; break;
    case cudaDevAttrMaxGridDimY:
    case cudaDevAttrMaxGridDimZ: *value = 65535; break;
    case cudaDevAttrMaxSharedMemoryPerBlock: *value = int(o.shared_bytes); break;
    case cudaDevAttrTotalConstantMemory: *value = 65536; break;
    case cudaDevAttrWarpSize: *value = int(o.warp_size); break;
    case cudaDevAttrMaxRegistersPerBlock:
    case cudaDevAttrMaxRegistersPerMultiprocessor: *value = harness_cuda::kRegistersPerSm; break;
    case cudaDevAttrClockRate: *value = 1980000; break;
    case cudaDevAttrMultiProcessorCount: *value = int(o.sm_count); break;
    case cudaDevAttrMemoryClockRate: *value = 2619000; break;
    case cudaDevAttrGlobalMemoryBusWidth: *value = 5120; break;
    case cudaDevAttrL2CacheSize: *value = 50 << 20; break;
    case cudaDevAttrMaxThreadsPerMultiProcessor: *value = harness_cuda::kThreadsPerSm; break;
    case cudaDevAttrComputeCapabilityMajor: *value = int(o.arch_major); break;
    case cudaDevAttrComputeCapabilityMinor: *value = int(o.arch_minor); break;
    case cudaDevAttrMaxSharedMemoryPerMultiprocessor: *value = harness_cuda::kSharedPerSm; break;
    case cudaDevAttrMaxSharedMemoryPerBlockOptin: *value = int(o.shared_optin_bytes); break;
    case cudaDevAttrMaxBlocksPerMultiprocessor: *value = harness_cuda::kBlocksPerSm; break;
    case cudaDevAttrReservedSharedMemoryPerBlock: *value = 1024; break;
    case cudaDevAttrIntegrated:
    case cudaDevAttrClusterLaunch: *value = 0; break;
    default: *value = 1;
  }
  return cudaSuccess;
}

inline cudaError_t cudaGetDeviceProperties(cudaDeviceProp* p, int device) {
  if (!harness_cuda::is_the_device(device)) return harness_cuda::failed(cudaErrorInvalidDevice);
  const auto& o = harness_cuda::options();
  std::memset(p, 0, sizeof *p);
  std::strcpy(p->name, "Emulated CUDA device");
  p->totalGlobalMem = harness_cuda::kDeviceMemory;
  p->sharedMemPerBlock = o.shared_bytes;
  p->regsPerBlock = p->regsPerMultiprocessor = harness_cuda::kRegistersPerSm;
  p->warpSize = int(o.warp_size);
  p->memPitch = 0x7fffffff;
  p->maxThreadsPerBlock = int(o.max_threads_per_block);
  p->maxThreadsDim[0] = p->maxThreadsDim[1] = p->maxThreadsPerBlock;
  p->maxThreadsDim[2] = 64;
  p->maxGridSize[0] = 0x7fffffff;
  p->maxGridSize[1] = p->maxGridSize[2] = 65535;
  p->clockRate = 1980000;
  p->totalConstMem = 65536;
  p->major = int(o.arch_major), p->minor = int(o.arch_minor);
  p->textureAlignment = 512;
  p->multiProcessorCount = int(o.sm_count);
  p->canMapHostMemory = p->concurrentKernels = p->unifiedAddressing = p->managedMemory = p->cooperativeLaunch = 1;
  p->asyncEngineCount = 3;
  p->memoryClockRate = 2619000, p->memoryBusWidth = 5120, p->l2CacheSize = 50 << 20;
  p->maxThreadsPerMultiProcessor = harness_cuda::kThreadsPerSm;
  p->maxBlocksPerMultiProcessor = harness_cuda::kBlocksPerSm;
  p->sharedMemPerMultiprocessor = harness_cuda::kSharedPerSm;
  p->sharedMemPerBlockOptin = o.shared_optin_bytes;
  p->reservedSharedMemPerBlock = 1024;
  p->streamPrioritiesSupported = p->globalL1CacheSupported = p->localL1CacheSupported = 1;
  return cudaSuccess;
}

inline cudaError_t cudaGetDevice(int* device) { return *device = 0, cudaSuccess; }
inline cudaError_t cudaGetDeviceCount(int* count) { return *count = 1, cudaSuccess; }
inline cudaError_t cudaSetDevice(int device) {
  return harness_cuda::is_the_device(device) ? cudaSuccess : harness_cuda::failed(cudaErrorInvalidDevice);
}
inline cudaError_t cudaSetDeviceFlags(unsigned) { return cudaSuccess; }
inline cudaError_t cudaDeviceSynchronize() { return cudaSuccess; }
inline cudaError_t cudaThreadSynchronize() { return cudaSuccess; }
inline cudaError_t cudaDeviceReset() { return cudaSuccess; }
inline cudaError_t cudaRuntimeGetVersion(int* version) { return *version = CUDART_VERSION, cudaSuccess; }
inline cudaError_t cudaDriverGetVersion(int* version) { return *version = CUDA_VERSION, cudaSuccess; }
inline cudaError_t cudaDeviceSetCacheConfig(cudaFuncCache) { return cudaSuccess; }
inline cudaError_t cudaDeviceSetSharedMemConfig(cudaSharedMemConfig) { return cudaSuccess; }
inline cudaError_t cudaDeviceSetLimit(cudaLimit, size_t) { return cudaSuccess; }
inline cudaError_t cudaDeviceGetLimit(size_t* value, cudaLimit limit) {
  return *value = limit == cudaLimitStackSize ? 1024 : size_t(8) << 20, cudaSuccess;
}
inline cudaError_t cudaMemGetInfo(size_t* free, size_t* total) {
  return *total = harness_cuda::kDeviceMemory, *free = *total - (size_t(1) << 30), cudaSuccess;
}
inline cudaError_t cudaDeviceCanAccessPeer(int* can, int, int) { return *can = 0, cudaSuccess; }
inline cudaError_t cudaDeviceGetStreamPriorityRange(int* least, int* greatest) { return *least = 0, *greatest = -5, cudaSuccess; }
