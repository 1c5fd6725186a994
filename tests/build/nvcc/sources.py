"""CUDA sources in the style of answers to KernelBench, and what is known of each."""

ELEMENTWISE = r"""
#include <torch/extension.h>
#include <cuda_runtime.h>
#include <c10/cuda/CUDAGuard.h>

__global__ void scale_kernel(const float4* __restrict__ x, float4* __restrict__ y, float factor, int n) {
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += blockDim.x * gridDim.x) {
    float4 v = __ldg(x + i);
    v.x = expf(v.x) * factor; v.y *= factor; v.z *= factor; v.w *= factor;
    y[i] = v;
  }
}

torch::Tensor scale(torch::Tensor x, double factor) {
  TORCH_CHECK(x.is_cuda() && x.scalar_type() == torch::kFloat32, "x must be a float32 CUDA tensor, got ", x.dtype());
  const at::cuda::OptionalCUDAGuard guard(device_of(x));
  auto y = torch::empty_like(x.contiguous());
  const int n = x.numel() / 4;
  scale_kernel<<<(n + 255) / 256, 256, 0, at::cuda::getCurrentCUDAStream()>>>(
      reinterpret_cast<const float4*>(x.data_ptr<float>()), reinterpret_cast<float4*>(y.data_ptr<float>()), factor, n);
  C10_CUDA_KERNEL_LAUNCH_CHECK();
  return y.view({x.size(0), -1}).mul_(2.0).unsqueeze(1).clamp_min(0);
}
"""
SOFTMAX = r"""
#include <torch/extension.h>
#include <ATen/cuda/CUDAContext.h>

template <typename scalar_t, int BLOCK>
__global__ void softmax_kernel(const scalar_t* __restrict__ x, scalar_t* __restrict__ y, int n) {
  extern __shared__ float partial[];
  const scalar_t* row = x + (size_t)blockIdx.x * n;
  float top = -INFINITY;
  for (int i = threadIdx.x; i < n; i += BLOCK) top = fmaxf(top, static_cast<float>(row[i]));
  partial[threadIdx.x] = top;
  __syncthreads();
  for (int s = BLOCK / 2; s > 0; s >>= 1) {
    if (threadIdx.x < s) partial[threadIdx.x] = fmaxf(partial[threadIdx.x], partial[threadIdx.x + s]);
    __syncthreads();
  }
  top = partial[0];
  for (int i = threadIdx.x; i < n; i += BLOCK) y[(size_t)blockIdx.x * n + i] = __expf(static_cast<float>(row[i]) - top);
}

torch::Tensor softmax(torch::Tensor x) {
  auto y = torch::empty_like(x);
  AT_DISPATCH_FLOATING_TYPES_AND2(at::ScalarType::Half, at::ScalarType::BFloat16, x.scalar_type(), "softmax", ([&] {
    softmax_kernel<scalar_t, 256><<<x.size(0), 256, 256 * sizeof(float)>>>(
        x.data_ptr<scalar_t>(), y.data_ptr<scalar_t>(), x.size(1));
  }));
  return y;
}
"""
MATMUL = r"""
#include <torch/extension.h>
#define TILE 16
__global__ void matmul_kernel(const float* A, const float* B, float* C, int M, int N, int K) {
  __shared__ float a[TILE][TILE + 1];
  __shared__ float b[TILE][TILE + 1];
  int row = blockIdx.y * TILE + threadIdx.y, column = blockIdx.x * TILE + threadIdx.x;
  float sum = 0;
  for (int t = 0; t < (K + TILE - 1) / TILE; ++t) {
    int ka = t * TILE + threadIdx.x, kb = t * TILE + threadIdx.y;
    a[threadIdx.y][threadIdx.x] = row < M && ka < K ? A[row * K + ka] : 0;
    b[threadIdx.y][threadIdx.x] = column < N && kb < K ? B[kb * N + column] : 0;
    __syncthreads();
#pragma unroll
    for (int k = 0; k < TILE; ++k) sum += a[threadIdx.y][k] * b[k][threadIdx.x];
    __syncthreads();
  }
  if (row < M && column < N) C[row * N + column] = sum;
}
torch::Tensor matmul(torch::Tensor A, torch::Tensor B) {
  auto C = torch::zeros({A.size(0), B.size(1)}, A.options().dtype(torch::kFloat32));
  dim3 block(TILE, TILE), grid((B.size(1) + TILE - 1) / TILE, (A.size(0) + TILE - 1) / TILE);
  const float *a = A.data_ptr<float>(), *b = B.data_ptr<float>();
  matmul_kernel<<<grid, block>>>(a, b, C.data_ptr<float>(), A.size(0), B.size(1), A.size(1));
  cudaError_t error = cudaGetLastError();
  TORCH_CHECK(error == cudaSuccess, "launch failed: ", cudaGetErrorString(error));
  return C;
}
"""
LAYERNORM = r"""
#include <torch/extension.h>
__inline__ __device__ float warp_sum(float v) {
  for (int offset = 16; offset > 0; offset >>= 1) v += __shfl_down_sync(0xffffffff, v, offset);
  return v;
}
__global__ void mean_kernel(torch::PackedTensorAccessor32<float, 2, torch::RestrictPtrTraits> x,
                            torch::PackedTensorAccessor32<float, 1, torch::RestrictPtrTraits> y) {
  __shared__ float sums[32];
  float v = 0;
  for (int i = threadIdx.x; i < x.size(1); i += blockDim.x) v += x[blockIdx.x][i];
  v = warp_sum(v);
  if (threadIdx.x % 32 == 0) sums[threadIdx.x / 32] = v;
  __syncthreads();
  if (threadIdx.x < 32) {
    v = warp_sum(threadIdx.x < blockDim.x / 32 ? sums[threadIdx.x] : 0.f);
    if (threadIdx.x == 0) y[blockIdx.x] = v * rsqrtf(v * v + 1e-5f);
  }
}
torch::Tensor row_mean(torch::Tensor x, c10::optional<torch::Tensor> bias) {
  auto y = torch::empty({x.size(0)}, x.options());
  mean_kernel<<<x.size(0), 256>>>(x.packed_accessor32<float, 2, torch::RestrictPtrTraits>(),
                                  y.packed_accessor32<float, 1, torch::RestrictPtrTraits>());
  if (bias.has_value()) y = torch::add(y, bias.value()).sum({0}, true);
  auto [values, indices] = torch::max(y, 0);
  return values;
}
PYBIND11_MODULE(TORCH_EXTENSION_NAME, m) {
  m.def("row_mean", &row_mean, "mean", py::arg("x"), py::arg("bias") = py::none());
}
"""
CONVOLUTION = r"""
#include <torch/extension.h>
#include <vector>
__constant__ float weights[9];
__global__ void conv_kernel(const float* x, float* y, int h, int w) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= h * w) return;
  int r = i / w, c = i % w;
  float sum = 0;
  for (int dr = -1; dr <= 1; ++dr)
    for (int dc = -1; dc <= 1; ++dc)
      if (r + dr >= 0 && r + dr < h && c + dc >= 0 && c + dc < w) sum += x[(r + dr) * w + c + dc] * weights[3 * dr + dc + 4];
  y[i] = sum;
}
std::vector<torch::Tensor> conv(torch::Tensor x, std::vector<int64_t> pads) {
  auto y = torch::zeros_like(x);
  std::string name = "conv" + std::to_string(x.dim());
  const int blocks = at::ceil_div<int64_t>(x.numel(), 128);
  conv_kernel<<<blocks, 128>>>(x.data_ptr<float>(), y.data_ptr<float>(), x.size(0), x.size(1));
  return {at::conv2d(x, y, {}, {1, 1}, {0, 0}), torch::cat({x, y}, 1), y.permute({1, 0})};
}
"""
HISTOGRAM = r"""
#include <torch/extension.h>
__global__ void count_kernel(const int64_t* x, int* counts, int n, int bins) {
  extern __shared__ int local[];
  for (int i = threadIdx.x; i < bins; i += blockDim.x) local[i] = 0;
  __syncthreads();
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += blockDim.x * gridDim.x) atomicAdd(&local[x[i]], 1);
  __syncthreads();
  for (int i = threadIdx.x; i < bins; i += blockDim.x) atomicAdd(&counts[i], local[i]);
}
torch::Tensor count(torch::Tensor x, int64_t bins) {
  auto counts = torch::zeros(bins, torch::TensorOptions().dtype(torch::kInt32).device(x.device()));
  count_kernel<<<64, 256, bins * sizeof(int)>>>(x.data_ptr<int64_t>(), counts.data_ptr<int>(), x.numel(), bins);
  return counts;
}
"""
SIX = {
    "scale_kernel": ELEMENTWISE, "softmax_kernel": SOFTMAX, "matmul_kernel": MATMUL, "mean_kernel": LAYERNORM,
    "conv_kernel": CONVOLUTION, "count_kernel": HISTOGRAM,
}  # fmt: skip

SPILLS = r"""
__global__ void __launch_bounds__(1024, 2) greedy(const float* x, float* y) {
  float v[64];
#pragma unroll
  for (int i = 0; i < 64; ++i) v[i] = x[i * 1024 + threadIdx.x];
  __syncthreads();
#pragma unroll
  for (int i = 0; i < 64; ++i) {
    float s = 0;
#pragma unroll
    for (int j = 0; j < 64; ++j) s = fmaf(v[i], v[j], s) + v[(i + j) % 64];
    y[i * 1024 + threadIdx.x] = s;
  }
}
"""
TENSOR_CORES = r"""
#include <torch/extension.h>
#include <mma.h>
using namespace nvcuda;
__global__ void tensor_kernel(const __half* a, const __half* b, float* c) {
  wmma::fragment<wmma::matrix_a, 16, 16, 16, __half, wmma::row_major> fa;
  wmma::fragment<wmma::matrix_b, 16, 16, 16, __half, wmma::col_major> fb;
  wmma::fragment<wmma::accumulator, 16, 16, 16, float> fc;
  wmma::fill_fragment(fc, 0.0f);
  wmma::load_matrix_sync(fa, a, 16);
  wmma::load_matrix_sync(fb, b, 16);
  wmma::mma_sync(fc, fa, fb, fc);
  wmma::store_matrix_sync(c, fc, 16, wmma::mem_row_major);
}
torch::Tensor product(torch::Tensor a, torch::Tensor b) {
  auto c = torch::empty({16, 16}, a.options().dtype(at::kFloat));
  tensor_kernel<<<1, 32>>>(reinterpret_cast<const __half*>(a.data_ptr<at::Half>()),
                           reinterpret_cast<const __half*>(b.data_ptr<at::Half>()), c.data_ptr<float>());
  return c;
}
"""
