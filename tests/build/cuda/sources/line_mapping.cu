#include <torch/extension.h>
#include <cuda_runtime.h>

template <typename T>
__global__ void wrong_kernel(const T* x,
                             T* y, int n) {
  __shared__ T s[32],
      other;
  s[threadIdx.x] = x[threadIdx.x];
  if (threadIdx.x == 0) other = T(1);
  __syncthreads();
  y[threadIdx.x + (threadIdx.x == 31)] = s[threadIdx.x] + other;  // MISTAKE
}

void wrong(torch::Tensor x) {
  auto y = torch::empty({32}, x.options());
  wrong_kernel<float><<<1,
                        32>>>(
      x.data_ptr<float>(), y.data_ptr<float>(),
      32);
}

PYBIND11_MODULE(TORCH_EXTENSION_NAME, m) { m.def("wrong", &wrong); }
