// Kernels of test_features_host.py, as the translator would leave them.
#include <cuda_profiler_api.h>
#include <nvToolsExt.h>
#include <vector>
#include <cstring>
__constant__ float weights[4];
__device__ int counter = 5;
__global__ void scale(const float* x, float* y, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = x[i] * weights[i % 4] + counter;
}
template <int N> __global__ void big(float* y) { y[threadIdx.x] = N; }

EXPORT int run_host_memory(const float* x, float* y, int n) {
  nvtxRangePushA("test");
  float *dx, *dy;
  cudaStream_t stream;
  cudaEvent_t start, stop;
  cudaStreamCreate(&stream); cudaEventCreate(&start); cudaEventCreate(&stop);
  if (cudaMalloc(&dx, n * sizeof(float)) || cudaMallocAsync((void**)&dy, n * sizeof(float), stream)) return 1;
  const float w[4] = {1, 2, 3, 4};
  const int seven = 7;
  if (cudaMemcpyToSymbol(weights, w, sizeof w) || cudaMemcpyToSymbolAsync(counter, &seven, sizeof seven, 0, cudaMemcpyHostToDevice, stream)) return 2;
  cudaMemcpyAsync(dx, x, n * sizeof(float), cudaMemcpyHostToDevice, stream);
  cudaMemset(dy, 0, n * sizeof(float));
  cudaEventRecord(start, stream);
  void* arguments[] = {&dx, &dy, &n};
  if (cudaLaunchKernel(scale, dim3((n + 31) / 32), dim3(32), arguments, 0, stream)) return 3;
  cudaEventRecord(stop, stream);
  float ms = -1;
  if (cudaEventSynchronize(stop) || cudaEventElapsedTime(&ms, start, stop) || ms < 0) return 4;
  cudaMemcpy(y, dy, n * sizeof(float), cudaMemcpyDeviceToHost);
  int back = 0;
  cudaMemcpyFromSymbol(&back, counter, sizeof back);
  if (back != 7 || cudaMemcpyToSymbol(weights, w, sizeof w, 4) != cudaErrorInvalidValue) return 5;
  if (cudaGetLastError() != cudaErrorInvalidValue || cudaGetLastError() != cudaSuccess) return 6;
  char rows[8] = {1, 2, 3, 4, 5, 6, 7, 8}, packed[4];
  cudaMemcpy2D(packed, 2, rows, 4, 2, 2, cudaMemcpyDeviceToDevice);
  if (std::memcmp(packed, "\1\2\5\6", 4)) return 7;
  if (cudaFree(dx) || cudaFreeAsync(dy, stream) || cudaFree(nullptr) || cudaFree(rows) != cudaErrorInvalidValue) return 8;
  cudaGetLastError(); cudaEventDestroy(start); cudaEventDestroy(stop); cudaStreamDestroy(stream); nvtxRangePop();
  return 0;
}

EXPORT int run_launches(float* y) {
  cudaLaunchConfig_t config{};
  config.gridDim = 1; config.blockDim = 4;
  if (cudaLaunchKernelEx(&config, big<3>, y) || y[3] != 3) return 1;
  LAUNCH(1, 2000, big<1>(y));
  if (cudaPeekAtLastError() != cudaErrorInvalidConfiguration || cudaGetLastError() != cudaErrorInvalidConfiguration) return 2;
  if (std::strcmp(cudaGetErrorString(cudaErrorInvalidConfiguration), "invalid configuration argument")) return 3;
  LAUNCH_SHARED(1, 4, 100 << 10, big<5>(y));
  if (cudaGetLastError() == cudaSuccess || y[3] == 5) return 4;
  if (cudaFuncSetAttribute(big<5>, cudaFuncAttributeMaxDynamicSharedMemorySize, 100 << 10)) return 5;
  LAUNCH_SHARED(1, 4, 100 << 10, big<5>(y));
  if (cudaGetLastError() != cudaSuccess || y[3] != 5) return 6;
  if (cudaFuncSetAttribute((const void*)big<5>, cudaFuncAttributeMaxDynamicSharedMemorySize, 400 << 10) != cudaErrorInvalidValue) return 7;
  cudaGetLastError();
  return 0;
}

EXPORT void run_host_device(int* out) {
  cudaDeviceProp p;
  int device = -1, count = 0, value = 0, blocks = 0, grid = 0, block = 0;
  cudaGetDevice(&device); cudaGetDeviceCount(&count); cudaGetDeviceProperties(&p, 0);
  cudaDeviceGetAttribute(&value, cudaDevAttrMultiProcessorCount, 0);
  cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, big<1>, 256, 0);
  cudaOccupancyMaxPotentialBlockSize(&grid, &block, big<1>, 0, 0);
  const int values[] = {device, count, p.multiProcessorCount, value, p.maxThreadsPerBlock, p.warpSize, p.major * 10 + p.minor, blocks, grid, block};
  for (int v : values) *out++ = v;
  cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, big<1>, 64, 100 << 10); *out++ = blocks;
  cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, big<1>, 2048, 0); *out++ = blocks;
}
EXPORT int run_void_pointer(char* text, int size) {
  try { cudaLaunchKernel((const void*)big<1>, dim3(1), dim3(1), nullptr, 0, nullptr); }
  catch (const std::exception& e) { snprintf(text, size, "%s", e.what()); return 1; }
  return 0;
}
