# problem: level1/54
# kind: honest
# expected: correct
import torch
import torch.nn as nn
from torch.utils.cpp_extension import load_inline

conv3d_cuda_source = """
#include <torch/extension.h>
#include <cuda.h>
#include <cuda_runtime.h>

template <int KS>
__global__ void conv3d_kernel(
    const float* __restrict__ input,
    const float* __restrict__ weight,
    float* __restrict__ output,
    int N, int C, int D, int H, int W,
    int OC, int OD, int OH, int OW) {

  extern __shared__ float s_weight[];
  const int oc = blockIdx.y;
  const int n = blockIdx.z;
  const int taps = C * KS * KS * KS;
  for (int i = threadIdx.x; i < taps; i += blockDim.x) s_weight[i] = weight[oc * taps + i];
  __syncthreads();

  const int out_idx = blockIdx.x * blockDim.x + threadIdx.x;
  const int volume = OD * OH * OW;
  if (out_idx >= volume) return;
  const int ow = out_idx % OW;
  const int oh = (out_idx / OW) % OH;
  const int od = out_idx / (OW * OH);

  float sum = 0.0f;
  #pragma unroll 1
  for (int c = 0; c < C; ++c) {
    const float* in_c = input + ((n * C + c) * D + od) * H * W + oh * W + ow;
    const float* w_c = s_weight + c * KS * KS * KS;
    #pragma unroll
    for (int kd = 0; kd < KS; ++kd)
      #pragma unroll
      for (int kh = 0; kh < KS; ++kh)
        #pragma unroll
        for (int kw = 0; kw < KS; ++kw)
          sum += in_c[(kd * H + kh) * W + kw] * w_c[(kd * KS + kh) * KS + kw];
  }
  output[(n * OC + oc) * volume + out_idx] = sum;
}

torch::Tensor conv3d_cuda(torch::Tensor input, torch::Tensor weight) {
  input = input.contiguous();
  weight = weight.contiguous();
  const auto N = input.size(0), C = input.size(1), D = input.size(2), H = input.size(3), W = input.size(4);
  const auto OC = weight.size(0), K = weight.size(2);
  const auto OD = D - K + 1, OH = H - K + 1, OW = W - K + 1;
  auto output = torch::zeros({N, OC, OD, OH, OW}, input.options());
  const int threads = 256;
  const dim3 blocks((OD * OH * OW + threads - 1) / threads, OC, N);
  const size_t shared = C * K * K * K * sizeof(float);
  const auto launch = [&](auto kernel) {
    kernel<<<blocks, threads, shared>>>(
        input.data_ptr<float>(), weight.data_ptr<float>(), output.data_ptr<float>(),
        N, C, D, H, W, OC, OD, OH, OW);
  };
  if (K == 3) launch(conv3d_kernel<3>);
  else if (K == 5) launch(conv3d_kernel<5>);
  else TORCH_CHECK(false, "unsupported kernel size");
  return output;
}
"""

conv3d_cpp_source = "torch::Tensor conv3d_cuda(torch::Tensor input, torch::Tensor weight);"

conv3d = load_inline(
    name="conv3d",
    cpp_sources=conv3d_cpp_source,
    cuda_sources=conv3d_cuda_source,
    functions=["conv3d_cuda"],
    verbose=True,
    extra_cflags=["-O3"],
)


class ModelNew(nn.Module):
    def __init__(self, in_channels: int, out_channels: int, kernel_size: int):
        super().__init__()
        self.conv = nn.Conv3d(in_channels, out_channels, kernel_size, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return conv3d.conv3d_cuda(x, self.conv.weight)
