// One kernel or more per rule of the translator; each function returns what the test expects it to compute.
#include <torch/extension.h>
#include <cuda.h>
#include <cuda_runtime.h>
#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDAGuard.h>
#include <vector>

#define CHECK_CUDA(x) TORCH_CHECK(x.device().is_cuda(), #x " must be a CUDA tensor")
#define CHECK_CONTIGUOUS(x) TORCH_CHECK(x.is_contiguous(), #x " must be contiguous")
#define CHECK_INPUT(x) CHECK_CUDA(x); CHECK_CONTIGUOUS(x)
#define TILE 16
#define LAUNCH(KERNEL, GRID, BLOCK, ...) KERNEL<<<GRID, BLOCK>>>(__VA_ARGS__)
#define LAUNCH_TYPED(T, VALUE) \
  filled<T, 2><<<1, \
                 32>>>(y.data_ptr<T>(), \
                       VALUE);
#define CALL(kernel, arguments) kernel<<<1, 32>>> arguments
#define SCRATCH(T, name) __shared__ T name[32]
#define CP_ASYNC(dst, src) asm volatile("cp.async.ca.shared.global [%0], [%1], 4;\n" ::"r"(dst), "l"(src))

static torch::Tensor zeros(int64_t n) { return torch::zeros({n}, torch::TensorOptions().dtype(torch::kFloat32).device(torch::kCUDA)); }

// ---- launches ----
template <typename T, int N>
__global__ void filled(T* y, T value) { y[threadIdx.x] = value * N; }
template <typename T = float>
__global__ void defaulted(T* y) { y[threadIdx.x] = T(7); }
__global__ void __launch_bounds__(32, 2) bounded(float* y, int n) { if (threadIdx.x < n) y[threadIdx.x] = n; }
extern "C" __global__ void plain_name(float* __restrict__ y, const float* __restrict__ x) { y[threadIdx.x] = x ? x[threadIdx.x] : -1.f; }
namespace inner { template <bool Flag> struct Functor { static __global__ void run(float* y) { y[threadIdx.x] = Flag ? 3.f : 4.f; } }; }
struct Sizes { int a, b; };
__global__ void by_value(float* y, Sizes sizes, const float* none) { y[threadIdx.x] = sizes.a * 10 + sizes.b + (none == nullptr); }
template <typename F>
__global__ void apply(float* y, F f) { y[threadIdx.x] = f(threadIdx.x); }

torch::Tensor launches(int64_t which) {
  auto y = zeros(32);
  const at::cuda::OptionalCUDAGuard guard(device_of(y));
  cudaStream_t stream = at::cuda::getCurrentCUDAStream();
  auto x = torch::ones({32}, y.options());
  float* p = y.data_ptr<float>();
  int evaluated = 0;
  if (which == 0) filled<float, 3><<<dim3(1), dim3(32, 1, 1), 0, stream>>>(p, 2.f);
  else if (which == 1) LAUNCH(bounded, 1, 32, p, 5);
  else if (which == 2) LAUNCH_TYPED(float, 2.5f)
  else if (which == 3) plain_name<<<1, 32>>>(p, NULL);
  else if (which == 4) plain_name<<<1, 32, 0>>>(p, x.data_ptr<float>());
  else if (which == 5) inner::Functor<(3 > 2)>::run<<<1, 32>>>(p);
  else if (which == 6) by_value<<<1, 32>>>(p, {4, 2}, 0);
  else if (which == 7) apply<<<1, 32>>>(p, [=] __device__(int i) { return float(i * which); });
  else if (which == 8) { auto kernel = &filled<float, 5>; kernel<<<1, 32>>>(p, 1.f); }
  else if (which == 9) { void (*table[])(float*, float) = {filled<float, 1>, filled<float, 9>}; table[1]<<<1, 32>>>(p, 1.f); }
  else if (which == 10) (filled<float, 6>)<<<1, 32>>>(p, float(++evaluated));
  else if (which == 11) CALL(plain_name, (p, p));
  else if (which == 12) defaulted<><<<1, 32>>>(p);
  else if (which == 13) ::filled<float, 2 + 2><<<(32 + 31) / 32, std::min<int>(32, 64)>>>(p, std::max<float>(1.f, 2.f));
  else if (which == 14)
    AT_DISPATCH_FLOATING_TYPES_AND_HALF(y.scalar_type(), "filled", ([&] {
      filled<scalar_t, 8><<<1, 32>>>(y.data_ptr<scalar_t>(), static_cast<scalar_t>(1));  // a comment, with a comma (
    }));
  else if (which == 15) AT_DISPATCH_ALL_TYPES(y.scalar_type(), "x", [&] { filled<scalar_t, 11><<<1, 32>>>(y.data_ptr<scalar_t>(), scalar_t(1)); });
  else
    for (int i = 0; i < 2; ++i) bounded<<<1, 32>>>(p, 32);
  TORCH_CHECK(which != 10 || evaluated == 1, "an argument is evaluated once");
  cudaError_t error = cudaGetLastError();
  TORCH_CHECK(error == cudaSuccess, cudaGetErrorString(error));
  return y;
}
template <typename... A>
void forwarded(A... arguments) { bounded<<<1, 32>>>(arguments...); }
torch::Tensor pack() {
  auto y = zeros(32);
  forwarded(y.data_ptr<float>(), 9);
  return y;
}
struct Host {
  float factor = 2;
  template <int N> void run(torch::Tensor y) { this->go<N>(y); }
  template <int N> void go(torch::Tensor y) { filled<float, N><<<1, 32>>>(y.template data_ptr<float>(), factor); }
};
torch::Tensor member() {
  auto y = zeros(32);
  Host().run<4>(y);
  return y;
}

// ---- shared memory ----
extern __shared__ float outside[];
__shared__ int outside_flags[4], outside_one;
template <typename T, int N>
__global__ void shared_kinds(T* y, const T* x) {
  __shared__ T tile[N][N + 1], *pointer, last;
  static __shared__ T copy[N];
  float __shared__ behind[4];
  __shared__ alignas(128) unsigned char bytes[64];
  __shared__ __align__(16) float4 vectors[2];
  volatile __shared__ float watched[2];
  __shared__ struct { int a; float b; } pair;
  __shared__ union { float f; unsigned u; } bits;
  __shared__ T (*row)[N + 1];
  const int t = threadIdx.x;
  if (t < N) copy[t] = x[t];
  if (t == 0) {
    pointer = copy, last = T(1), row = &tile[1], pair.a = 2, pair.b = 0.5f, bits.f = 1.f, behind[3] = 4.f, watched[1] = 5.f;
    vectors[1] = make_float4(1, 2, 3, 4);
    bytes[0] = 6;
  }
  __syncthreads();
  if (t < N) tile[1][t] = pointer[t] + last;
  __syncthreads();
  bool aligned = reinterpret_cast<size_t>(bytes) % 128 == 0 && reinterpret_cast<size_t>(vectors) % 16 == 0;
  if (t < N) y[t] = (*row)[t] + pair.a * pair.b + (bits.u == 0x3f800000u) + behind[3] + watched[1] + vectors[1].w + bytes[0] + 1000 * aligned
                    + sizeof(tile) / sizeof(T) * 10000;
}
__global__ void dynamic_bytes(float* y) {
  extern __shared__ __align__(16) unsigned char raw[];
  float* a = reinterpret_cast<float*>(raw);
  int* b = (int*)&a[32];
  float* same = (float*)&raw;
  a[threadIdx.x] = threadIdx.x, b[threadIdx.x] = 2;
  __syncthreads();
  y[threadIdx.x] = same[31 - threadIdx.x] * b[threadIdx.x];
}
__global__ void from_outside(float* y) {
  outside[threadIdx.x] = threadIdx.x;
  if (threadIdx.x == 0) outside_one = 3, outside_flags[2] = 4;
  __syncthreads();
  y[threadIdx.x] = outside[31 - threadIdx.x] + outside_one + outside_flags[2];
}
__global__ void in_lambda(float* y) {
  SCRATCH(float, first);
  SCRATCH(float, second);
  __shared__ float third[32];
  auto store = [=](int i, float v) { third[i] = v; };
  auto load = [](int i) { return third[i]; };
  first[threadIdx.x] = 1, second[threadIdx.x] = 2;
  store(threadIdx.x, 3.f);
  __syncthreads();
  y[threadIdx.x] = first[threadIdx.x] * 100 + second[threadIdx.x] * 10 + load(31 - threadIdx.x);
}
template <int N>
__device__ __forceinline__ float own_variable(float v) {
  __shared__ float s[32];
  s[threadIdx.x] = v * N;
  __syncthreads();
  return s[31 - threadIdx.x];
}
__global__ void instances(float* y) {
  float a = own_variable<1>(threadIdx.x), b = own_variable<100>(threadIdx.x);
  y[threadIdx.x] = a + b;
}
torch::Tensor shared(int64_t which) {
  auto y = zeros(32), x = torch::arange(32, y.options());
  float* p = y.data_ptr<float>();
  if (which == 0) shared_kinds<float, 16><<<1, 32>>>(p, x.data_ptr<float>());
  if (which == 1) dynamic_bytes<<<1, 32, 32 * (sizeof(float) + sizeof(int))>>>(p);
  if (which == 2) from_outside<<<1, 32, 32 * sizeof(float)>>>(p);
  if (which == 3) in_lambda<<<1, 32>>>(p);
  if (which == 4) instances<<<1, 32>>>(p);
  return y;
}

// ---- globals, PTX, language ----
__constant__ float weights[4];
__device__ int counter = 0;
__constant__ const int table[3] = {1, 2, 3};
__global__ void globals(float* y) {
  atomicAdd(&counter, 1);
  y[threadIdx.x] = weights[threadIdx.x % 4] + table[threadIdx.x % 3];
}
torch::Tensor global_variables() {
  auto y = zeros(32);
  const float host[4] = {10, 20, 30, 40};
  cudaMemcpyToSymbol(weights, host, sizeof(host));
  globals<<<1, 32>>>(y.data_ptr<float>());
  int counted = 0;
  cudaMemcpyFromSymbol(&counted, counter, sizeof(int));
  return y + (counted % 32) * 1000;
}
__global__ void assembly(float* y, const float* x) {
  __shared__ float s[32];
  float d, e = x[threadIdx.x];
  unsigned lane;
  asm volatile("mov.u32 %0, %%laneid;" : "=r"(lane));
  asm("fma.rn.f32 %0, %1, %2, %3;\n\t" : "=f"(d) : "f"(e), "f"(2.0f), "f"(1.0f));
  asm volatile("{\n  add.f32 %0, %0, %1;\n}" : "+f"(d) : "f"(float(lane)) : "memory");
  unsigned address = static_cast<unsigned>(__cvta_generic_to_shared(&s[threadIdx.x]));
  CP_ASYNC(address, x + threadIdx.x);
  asm volatile("cp.async.commit_group;");
  asm volatile("cp.async.wait_all;" ::: "memory");
  __syncthreads();
  y[threadIdx.x] = d + 100 * s[31 - threadIdx.x];
}
torch::Tensor ptx() {
  auto y = zeros(32), x = torch::arange(32, y.options());
  assembly<<<1, 32>>>(y.data_ptr<float>(), x.data_ptr<float>());
  return y;
}
__device__ __noinline__ float separate(float x) { return x + 1; }
static __device__ constexpr int square(int x) { return x * x; }
__host__ __device__ inline int both(int x) {
#ifdef __CUDA_ARCH__
  return x + 1;
#else
  return x - 1;
#endif
}
#if defined(__CUDA_ARCH__) && (__CUDA_ARCH__ >= 1000)
__device__ int only_newer() { asm volatile("tcgen05.wait::ld.sync.aligned;"); return 1; }
#elif 0
#include <cublas_v2.h>
#endif
__global__ void language(float* y, const __grid_constant__ Sizes sizes, size_t n) {
  float sum = 0;
#pragma unroll
  for (int i = 0; i < 4; ++i) sum += separate(i);
#pragma unroll 2
  for (int i = 0; i < square(2); ++i) sum += min(i, 2) + max(1, (int)n);
  const bool any = n >> 3 > 0 && sizes.a < sizes.b;
  y[threadIdx.x] = sum + any + both(1) * 100;
}
torch::Tensor other() {
  auto y = zeros(32);
  language<<<1, 32>>>(y.data_ptr<float>(), Sizes{1, 2}, 8);
  return y;
}

// ---- host ----
std::vector<bool> devices(torch::Tensor x) {
  CHECK_INPUT(x);
  auto y = torch::empty_like(x).to(torch::kCUDA).cuda();
  auto z = torch::empty({2}, torch::device(torch::Device("cuda:0")).dtype(torch::kFloat32));
  return {x.is_cuda(), x.device().is_cuda(), x.device().type() == torch::kCUDA, !x.is_cpu(), x.device().type() != at::kCPU,
          x.device() == y.device(), z.is_cuda(), x.options().device().type() == c10::DeviceType::CUDA, y.device() == torch::Device("cuda")};
}

PYBIND11_MODULE(TORCH_EXTENSION_NAME, m) {
  m.def("launches", &launches);
  m.def("pack", &pack);
  m.def("member", &member);
  m.def("shared", &shared);
  m.def("global_variables", &global_variables);
  m.def("ptx", &ptx);
  m.def("other", &other);
  m.def("devices", &devices);
}
