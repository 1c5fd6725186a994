// Kernels of test_features_libraries.py, as the translator would leave them.
#include <cooperative_groups.h>
#include <cuda/atomic>
#include <cuda/barrier>
#include <cuda/pipeline>
#include <cuda/std/limits>
#include <cuda_fp8.h>
#include <curand_kernel.h>
#include <thrust/device_ptr.h>
#include <thrust/execution_policy.h>
#include <thrust/reduce.h>
#include <thrust/scan.h>
#include <thrust/sort.h>
#include <thrust/transform.h>
namespace cg = cooperative_groups;

__global__ void barriers(int* out) {
  auto& bar = SHARED(cuda::barrier<cuda::thread_scope_block>, 1);
  int (&tile)[64] = SHARED(int[64], 2);
  auto block = cg::this_thread_block();
  if (block.thread_rank() == 0) init(&bar, block.size());
  block.sync();
  const int t = threadIdx.x;
  for (int round = 0; round < 3; ++round) {
    tile[t] = t + round;
    auto token = bar.arrive();
    bar.wait(std::move(token));
    const int other = tile[63 - t];
    bar.arrive_and_wait();
    out[round * 64 + t] = other;
  }
  cuda::atomic_ref<int, cuda::thread_scope_device> total(out[192]);
  total.fetch_add(2, cuda::std::memory_order_relaxed);
  reinterpret_cast<cuda::atomic<int>*>(out + 193)->fetch_max(t);
}
EXPORT void run_barriers(int* out) { LAUNCH(1, 64, barriers(out)); }

// Two stages: the next tile is copied while this one is used.
__global__ void pipelined(const float* x, float* y, int tiles) {
  float (&buffer)[2][64] = SHARED(float[2][64], 3);
  using State = cuda::pipeline_shared_state<cuda::thread_scope_block, 2>;
  auto& state = SHARED(State, 4);
  auto block = cg::this_thread_block();
  auto pipe = cuda::make_pipeline(block, &state);
  pipe.producer_acquire();
  cuda::memcpy_async(block, buffer[0], x, sizeof(float) * 64, pipe);
  pipe.producer_commit();
  for (int i = 0; i < tiles; ++i) {
    if (i + 1 < tiles) {
      pipe.producer_acquire();
      cuda::memcpy_async(block, buffer[(i + 1) % 2], x + (i + 1) * 64, cuda::aligned_size_t<16>(sizeof(float) * 64), pipe);
      pipe.producer_commit();
    }
    pipe.consumer_wait();
    y[i * 64 + threadIdx.x] = buffer[i % 2][63 - threadIdx.x];
    pipe.consumer_release();
  }
}
EXPORT void run_pipelined(const float* x, float* y, int tiles) { LAUNCH(1, 64, pipelined(x, y, tiles)); }

__global__ void random(unsigned* words, float* uniform, float* normal, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  curandStatePhilox4_32_10_t state;
  curand_init(1234ULL, i, 0, &state);
  if (i == 0) for (int k = 0; k < 8; ++k) words[k] = curand(&state);
  uniform[i] = curand_uniform(&state);
  curandState other;
  curand_init(99ULL, i, 2, &other);
  normal[i] = curand_normal(&other);
}
EXPORT void run_random(unsigned* words, float* uniform, float* normal, int n) { LAUNCH((n + 127) / 128, 128, random(words, uniform, normal, n)); }

EXPORT void run_fp8(const float* x, unsigned char* bits, float* back, int n) {
  for (int i = 0; i < n; ++i) {
    const __nv_fp8_e4m3 a(x[i]);
    const __nv_fp8_e5m2 b(x[i]);
    bits[i] = a.__x, bits[n + i] = b.__x;
    bits[2 * n + i] = __nv_cvt_float_to_fp8(x[i], __NV_NOSAT, __NV_E4M3);
    bits[3 * n + i] = __nv_cvt_float_to_fp8(x[i], __NV_NOSAT, __NV_E5M2);
    back[i] = float(a), back[n + i] = float(b);
  }
}
struct Twice { float operator()(float v) const { return 2 * v; } };
EXPORT void run_thrust(const float* x, float* sorted, float* scanned, float* doubled, float* sum, int n) {
  thrust::device_ptr<const float> begin = thrust::device_pointer_cast(x);
  *sum = thrust::reduce(thrust::device, begin, begin + n, 0.0f, thrust::plus<float>());
  std::copy(x, x + n, sorted);
  thrust::sort(thrust::cuda::par.on(nullptr), sorted, sorted + n, thrust::greater<float>());
  thrust::exclusive_scan(begin, begin + n, scanned);
  thrust::transform(thrust::device, x, x + n, doubled, Twice());
}
