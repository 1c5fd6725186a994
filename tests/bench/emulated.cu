// Six kernels as language models write them, for measuring how fast the emulation runs.
#include <torch/extension.h>
#include <cuda_runtime.h>

__device__ __forceinline__ float gelu(float x) { return 0.5f * x * (1.0f + erff(x * 0.70710678f)); }

__global__ void gelu_kernel(const float4* __restrict__ x, float4* __restrict__ y, int n4) {
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n4; i += blockDim.x * gridDim.x) {
    float4 v = __ldg(x + i);
    v.x = gelu(v.x), v.y = gelu(v.y), v.z = gelu(v.z), v.w = gelu(v.w);
    y[i] = v;
  }
}
torch::Tensor gelu_forward(torch::Tensor x) {
  auto y = torch::empty_like(x);
  const int n4 = x.numel() / 4;
  gelu_kernel<<<(n4 + 255) / 256, 256>>>(reinterpret_cast<const float4*>(x.data_ptr<float>()),
                                         reinterpret_cast<float4*>(y.data_ptr<float>()), n4);
  return y;
}

template <int BLOCK>
__global__ void softmax_kernel(const float* __restrict__ x, float* __restrict__ y, int n) {
  extern __shared__ float s[];
  const int t = threadIdx.x;
  const float* row = x + (size_t)blockIdx.x * n;
  float* out = y + (size_t)blockIdx.x * n;
  float most = -INFINITY;
  for (int i = t; i < n; i += BLOCK) most = fmaxf(most, row[i]);
  s[t] = most;
  __syncthreads();
  for (int d = BLOCK / 2; d > 0; d >>= 1) {
    if (t < d) s[t] = fmaxf(s[t], s[t + d]);
    __syncthreads();
  }
  most = s[0];
  __syncthreads();
  float sum = 0.f;
  for (int i = t; i < n; i += BLOCK) sum += __expf(row[i] - most);
  s[t] = sum;
  __syncthreads();
  for (int d = BLOCK / 2; d > 0; d >>= 1) {
    if (t < d) s[t] += s[t + d];
    __syncthreads();
  }
  const float inverse = 1.f / s[0];
  for (int i = t; i < n; i += BLOCK) out[i] = __expf(row[i] - most) * inverse;
}
torch::Tensor softmax_forward(torch::Tensor x) {
  auto y = torch::empty_like(x);
  softmax_kernel<256><<<x.size(0), 256, 256 * sizeof(float)>>>(x.data_ptr<float>(), y.data_ptr<float>(), x.size(1));
  return y;
}

#define TILE 16
__global__ void matmul_kernel(const float* __restrict__ a, const float* __restrict__ b, float* __restrict__ c, int m, int n,
                              int k) {
  __shared__ float as[TILE][TILE + 1];
  __shared__ float bs[TILE][TILE + 1];
  const int tx = threadIdx.x, ty = threadIdx.y, row = blockIdx.y * TILE + ty, column = blockIdx.x * TILE + tx;
  float sum = 0.f;
  for (int tile = 0; tile < k; tile += TILE) {
    as[ty][tx] = row < m && tile + tx < k ? a[row * k + tile + tx] : 0.f;
    bs[ty][tx] = tile + ty < k && column < n ? b[(tile + ty) * n + column] : 0.f;
    __syncthreads();
#pragma unroll
    for (int i = 0; i < TILE; ++i) sum += as[ty][i] * bs[i][tx];
    __syncthreads();
  }
  if (row < m && column < n) c[row * n + column] = sum;
}
torch::Tensor matmul_forward(torch::Tensor a, torch::Tensor b) {
  const int m = a.size(0), k = a.size(1), n = b.size(1);
  auto c = torch::empty({m, n}, a.options());
  const dim3 block(TILE, TILE), grid((n + TILE - 1) / TILE, (m + TILE - 1) / TILE);
  matmul_kernel<<<grid, block>>>(a.data_ptr<float>(), b.data_ptr<float>(), c.data_ptr<float>(), m, n, k);
  return c;
}

template <typename T>
__device__ T warp_sum(T v) {
  for (int d = warpSize / 2; d > 0; d /= 2) v += __shfl_down_sync(0xffffffff, v, d);
  return v;
}
template <typename T>
__device__ T block_sum(T v) {
  static __shared__ T sums[32];
  const int lane = threadIdx.x % warpSize, warp = threadIdx.x / warpSize;
  v = warp_sum(v);
  if (lane == 0) sums[warp] = v;
  __syncthreads();
  v = threadIdx.x < blockDim.x / warpSize ? sums[lane] : T(0);
  return warp == 0 ? warp_sum(v) : v;
}
__global__ void layernorm_kernel(const float* __restrict__ x, const float* __restrict__ w, const float* __restrict__ b,
                                 float* __restrict__ y, int n, float eps) {
  __shared__ float mean, scale;
  const float* row = x + (size_t)blockIdx.x * n;
  float sum = 0.f;
  for (int i = threadIdx.x; i < n; i += blockDim.x) sum += row[i];
  sum = block_sum(sum);
  if (threadIdx.x == 0) mean = sum / n;
  __syncthreads();
  float squares = 0.f;
  for (int i = threadIdx.x; i < n; i += blockDim.x) squares += (row[i] - mean) * (row[i] - mean);
  squares = block_sum(squares);
  if (threadIdx.x == 0) scale = rsqrtf(squares / n + eps);
  __syncthreads();
  for (int i = threadIdx.x; i < n; i += blockDim.x) y[(size_t)blockIdx.x * n + i] = (row[i] - mean) * scale * w[i] + b[i];
}
torch::Tensor layernorm_forward(torch::Tensor x, torch::Tensor w, torch::Tensor b) {
  auto y = torch::empty_like(x);
  layernorm_kernel<<<x.size(0), 256>>>(x.data_ptr<float>(), w.data_ptr<float>(), b.data_ptr<float>(), y.data_ptr<float>(),
                                       x.size(1), 1e-5f);
  return y;
}

__global__ void conv2d_kernel(const float* __restrict__ x, const float* __restrict__ w, const float* __restrict__ bias,
                              float* __restrict__ y, int total, int channels, int size, int filters) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= total) return;
  const int column = i % size, row = i / size % size, o = i / (size * size) % filters, image = i / (size * size * filters);
  float sum = bias[o];
  for (int c = 0; c < channels; ++c) {
    for (int kh = 0; kh < 3; ++kh) {
      const int h = row - 1 + kh;
      if (h < 0 || h >= size) continue;
      for (int kw = 0; kw < 3; ++kw) {
        const int v = column - 1 + kw;
        if (v < 0 || v >= size) continue;
        sum += x[((image * channels + c) * size + h) * size + v] * w[((o * channels + c) * 3 + kh) * 3 + kw];
      }
    }
  }
  y[i] = sum;
}
torch::Tensor conv2d_forward(torch::Tensor x, torch::Tensor w, torch::Tensor b) {
  auto y = torch::empty({x.size(0), w.size(0), x.size(2), x.size(3)}, x.options());
  const int total = y.numel();
  conv2d_kernel<<<(total + 255) / 256, 256>>>(x.data_ptr<float>(), w.data_ptr<float>(), b.data_ptr<float>(),
                                              y.data_ptr<float>(), total, x.size(1), x.size(2), w.size(0));
  return y;
}

__global__ void histogram_kernel(const int* __restrict__ x, int* __restrict__ h, int n, int bins) {
  extern __shared__ int local[];
  for (int i = threadIdx.x; i < bins; i += blockDim.x) local[i] = 0;
  __syncthreads();
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += blockDim.x * gridDim.x) atomicAdd(&local[x[i]], 1);
  __syncthreads();
  for (int i = threadIdx.x; i < bins; i += blockDim.x) {
    if (local[i]) atomicAdd(&h[i], local[i]);
  }
}
torch::Tensor histogram_forward(torch::Tensor x) {
  auto h = torch::zeros({256}, x.options());
  histogram_kernel<<<64, 256, 256 * sizeof(int)>>>(x.data_ptr<int>(), h.data_ptr<int>(), x.numel(), 256);
  return h;
}
