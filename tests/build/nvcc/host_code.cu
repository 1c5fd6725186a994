// What the host part of a kernel source calls of torch, widely; the kernels are few. Nobody would write it like this.
#include <ATen/ATen.h>
#include <ATen/AccumulateType.h>
#include <ATen/Dispatch.h>
#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <c10/macros/Macros.h>
#include <c10/util/Half.h>
#include <cuda.h>
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>
#include <torch/extension.h>

#include <ATen/cuda/CUDAApplyUtils.cuh>
#include <ATen/native/cuda/KernelUtils.cuh>
#include <algorithm>
#include <iostream>
#include <vector>

#define CHECK_CUDA(x) TORCH_CHECK(x.device().is_cuda(), #x " must be a CUDA tensor")
#define CHECK_CONTIGUOUS(x) TORCH_CHECK(x.is_contiguous(), #x " must be contiguous")
#define CHECK_INPUT(x) \
  CHECK_CUDA(x);       \
  CHECK_CONTIGUOUS(x)
#define CUDA_CHECK(call)                                         \
  do {                                                           \
    cudaError_t e = call;                                        \
    if (e != cudaSuccess) {                                      \
      fprintf(stderr, "CUDA error %s\n", cudaGetErrorString(e)); \
      throw std::runtime_error("x");                             \
    }                                                            \
  } while (0)

template <typename scalar_t>
__global__ void generic(const scalar_t* __restrict__ x, scalar_t* __restrict__ y, int64_t n, scalar_t alpha) {
  using acc_t = at::acc_type<scalar_t, true>;
  CUDA_KERNEL_LOOP(i, n) {
    acc_t v = static_cast<acc_t>(x[i]) * static_cast<acc_t>(alpha);
    v = v > acc_t(0) ? v : static_cast<acc_t>(std::exp(static_cast<float>(v)) - 1);
    y[i] = static_cast<scalar_t>(v);
  }
}
__global__ void halves(const __half2* x, __half2* y, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = __hmax2(__hfma2(x[i], x[i], __float2half2_rn(1.f)), __float2half2_rn(0.f));
}
__global__ void bf(const __nv_bfloat16* x, float* y, int n) {
  if (threadIdx.x < n) y[threadIdx.x] = __bfloat162float(x[threadIdx.x]);
}
template <typename T, int N>
struct alignas(sizeof(T) * N) Vec {
  T v[N];
};
template <typename F>
__global__ void apply(const float* x, float* y, int n, F f) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = f(x[i]);
}
__global__ void idx(const int64_t* __restrict__ i, const c10::BFloat16* b, bool* m, double* d) {
  d[i[0]] += (float)b[0];
  m[0] = true;
}

class Cache {
  std::unordered_map<std::string, torch::Tensor> map_;

 public:
  torch::Tensor get(const std::string& k) { return map_[k]; }
};

torch::Tensor forward(const torch::Tensor& input, const c10::optional<at::Tensor>& bias_opt, at::IntArrayRef pads,
                      c10::ArrayRef<int64_t> more, std::string mode, bool training, float eps, at::Scalar s) {
  CHECK_INPUT(input);
  TORCH_CHECK(input.dim() == 4, "expected 4D, got ", input.dim(), "D ", input.sizes());
  TORCH_CHECK(input.scalar_type() == at::kFloat || input.dtype() == torch::kFloat16);
  TORCH_CHECK_EQ(input.size(0), 3);
  TORCH_INTERNAL_ASSERT(input.defined());
  c10::cuda::CUDAGuard device_guard(input.device());
  at::cuda::OptionalCUDAGuard g2(device_of(input));
  const at::cuda::OptionalCUDAGuard g3{at::device_of(input)};
  auto stream = at::cuda::getCurrentCUDAStream().stream();
  cudaStream_t st2 = c10::cuda::getCurrentCUDAStream(input.device().index());
  auto props = at::cuda::getCurrentDeviceProperties();
  int sms = props->multiProcessorCount;
  const auto N = input.size(0), C = input.size(1);
  auto H = input.size(-2);
  const int W = static_cast<int>(input.size(3));
  auto options = torch::TensorOptions().dtype(input.dtype()).device(input.device()).requires_grad(false);
  torch::Tensor out = torch::empty({N, C, H, W}, options);
  auto out2 = at::empty_like(input, at::MemoryFormat::Contiguous);
  auto out3 = torch::zeros({N * C, (int64_t)W}, torch::dtype(torch::kFloat32).device(torch::kCUDA, 0));
  auto out4 = torch::full({1}, -std::numeric_limits<float>::infinity(), input.options());
  auto out5 = torch::empty(input.sizes(), input.options().dtype(at::ScalarType::Half));
  auto out6 = at::zeros(std::vector<int64_t>{1, 2, 3}, input.options());
  auto out7 = torch::ones({2, 3}, torch::kFloat32).to(torch::kCUDA);
  auto out8 = torch::randn({4, 4}, torch::device(torch::kCUDA).dtype(torch::kFloat));
  auto ar = torch::arange(0, 10, torch::TensorOptions().dtype(torch::kLong).device(input.device()));
  std::vector<int64_t> shape(input.sizes().begin(), input.sizes().end());
  auto sv = input.sizes().vec();
  sv.back() = 3;
  sv[0] = shape.size();
  auto w = input.contiguous().view({-1, W}).reshape({N, -1}).transpose(0, 1).contiguous();
  auto f = w.flatten(1, -1)
               .unsqueeze(0)
               .squeeze(0)
               .expand({4, -1})
               .select(0, 1)
               .narrow(0, 0, 2)
               .clone()
               .detach()
               .to(input.dtype())
               .to(torch::kFloat32)
               .cpu()
               .cuda();
  auto dot = at::matmul(w, w.t()) + 1.0 - w * 2 / 3.f;
  dot += w;
  dot *= 0.5;
  dot = -dot;
  dot = 2 * dot;
  dot = dot.mul(2.0).add_(w, 0.5).relu_().sigmoid();
  auto cmp = (dot > 0).to(torch::kFloat) * dot;
  cmp = torch::where(cmp > 0, cmp, w);
  bool b1 = torch::allclose(cmp, w);
  int64_t k = cmp.argmax().item<int64_t>();
  float fl = cmp.sum().item<float>();
  double db = cmp.max().item().toDouble();
  auto mn = cmp.mean({2, 3}, true);
  auto sm = cmp.sum({0, 1});
  auto vr = cmp.var(1, false);
  auto sm2 = torch::sum(cmp, 1, true);
  auto mx = std::get<0>(cmp.max(1, true));
  auto am = torch::softmax(cmp, -1);
  auto ls = torch::log_softmax(cmp, 1);
  auto [vals, inds] = torch::topk(cmp, 3);
  auto pieces = cmp.chunk(2, 1);
  auto pieces2 = torch::split(cmp, 2, 0);
  auto st = torch::stack({cmp, w}, 0);
  auto ct = torch::cat(pieces, 1);
  auto lin = torch::linear(w, w, bias_opt.has_value() ? bias_opt.value() : torch::Tensor());
  auto am2 = torch::addmm(w, w, w);
  auto cv = torch::conv2d(input, w, {}, {1, 1}, {1, 1}, {1, 1}, 1);
  auto lnm = torch::layer_norm(w, {W});
  auto pd = torch::constant_pad_nd(input, {1, 1, 1, 1}, 0);
  auto mp = torch::max_pool2d(input, {2, 2}, {2, 2});
  auto ap = torch::adaptive_avg_pool2d(input, {1, 1});
  auto pm = torch::permute(input, {0, 2, 3, 1});
  auto ein = torch::einsum("ij,jk->ik", {w, w});
  auto bn = torch::batch_norm(input, w, w, w, w, training, 0.1, eps, true);
  auto idx1 = input.index({0});
  auto idx2 = input.index({torch::indexing::Slice(), 0});
  auto idx3 = input[0][1];
  auto isel = input.index_select(0, ar);
  auto g = input.gather(1, ar);
  input.copy_(w);
  out.fill_(0);
  out.zero_();
  w.masked_fill_(cmp > 0, -1e9);
  auto tri = torch::tril(torch::ones({3, 3}));
  auto msk = w.masked_fill(tri == 0, -INFINITY);
  torch::Tensor bias = bias_opt.value_or(torch::Tensor());
  if (bias.defined() && bias.numel()) bias = bias.contiguous();
  const float* bp = bias_opt ? bias_opt->data_ptr<float>() : nullptr;
  float* op = out.mutable_data_ptr<float>();
  const float* ip = input.const_data_ptr<float>();
  void* vp = out.data_ptr();
  auto acc = input.accessor<float, 4>();
  float first = acc[0][0][0][0];
  auto sst = input.strides();
  auto s0 = input.stride(0);
  if (mode == "relu") std::cout << "x" << input.sizes()[0] << std::endl;
  int threads = 256;
  int blocks = std::min<int>((input.numel() + threads - 1) / threads, 65535);
  int b2 = std::max(1, (int)at::ceil_div(input.numel(), (int64_t)threads));
  const dim3 grid(blocks, N, C), block(32, 8);
  AT_DISPATCH_FLOATING_TYPES_AND_HALF(input.scalar_type(), "generic", [&] {
    generic<scalar_t><<<blocks, threads, 0, stream>>>(input.data_ptr<scalar_t>(), out.data_ptr<scalar_t>(),
                                                      input.numel(), static_cast<scalar_t>(eps));
  });
  AT_DISPATCH_SWITCH(input.scalar_type(), "generic", AT_DISPATCH_CASE(at::ScalarType::Float, [&] {
                       generic<scalar_t><<<blocks, threads>>>(input.data_ptr<scalar_t>(), out.data_ptr<scalar_t>(), 1,
                                                              s.to<scalar_t>());
                     }) AT_DISPATCH_CASE(at::ScalarType::BFloat16, [&] {
                       generic<scalar_t><<<blocks, threads>>>(input.data_ptr<scalar_t>(), out.data_ptr<scalar_t>(), 1,
                                                              scalar_t(1.0f));
                     }));
  auto r = AT_DISPATCH_ALL_TYPES(input.scalar_type(), "x", [&] { return (int64_t)sizeof(scalar_t); });
  AT_DISPATCH_INDEX_TYPES(ar.scalar_type(), "ix", [&] {
    auto p = ar.data_ptr<index_t>();
    (void)p;
  });
  halves<<<1, 32>>>(reinterpret_cast<const __half2*>(input.data_ptr<at::Half>()),
                    reinterpret_cast<__half2*>(out.data_ptr<at::Half>()), 3);
  bf<<<1, 32>>>(reinterpret_cast<__nv_bfloat16*>(input.data_ptr<at::BFloat16>()), out.data_ptr<float>(), 3);
  apply<<<1, 32>>>(ip, op, 3, [] __device__(float x) { return x * x; });
  idx<<<1, 1>>>(ar.data_ptr<int64_t>(), input.data_ptr<at::BFloat16>(), out.data_ptr<bool>(), out.data_ptr<double>());
  if (input.scalar_type() == torch::ScalarType::Float) {
    switch (input.scalar_type()) {
      case at::kFloat:
        break;
      case at::kHalf:
        break;
      default:
        AT_ERROR("bad type ", input.scalar_type());
    }
  }
  C10_CUDA_KERNEL_LAUNCH_CHECK();
  AT_CUDA_CHECK(cudaGetLastError());
  C10_CUDA_CHECK(cudaFuncSetAttribute(halves, cudaFuncAttributeMaxDynamicSharedMemorySize, 1000));
  CUDA_CHECK(cudaStreamSynchronize(stream));
  cudaDeviceSynchronize();
  static torch::Tensor cached;
  static Cache cache;
  float* dptr;
  cudaMalloc(&dptr, 100);
  cudaMemcpyAsync(dptr, ip, 10, cudaMemcpyDeviceToDevice, stream);
  return out.view({N, C, H, W}).type_as(input);
}
std::tuple<torch::Tensor, torch::Tensor> two(torch::Tensor a) {
  torch::NoGradGuard no_grad;
  return std::make_tuple(a, a.clone());
}
std::vector<torch::Tensor> many(std::vector<torch::Tensor> ts, at::TensorList l) {
  std::vector<torch::Tensor> r;
  for (auto& t : ts) r.push_back(t.sum());
  for (const auto& t : l) r.emplace_back(t);
  return {ts[0], l[0]};
}
void inplace(torch::Tensor& a, torch::optional<torch::Tensor> o = torch::nullopt, int64_t k = 1) {
  a.add_(1);
  a.set_requires_grad(true);
}
PYBIND11_MODULE(TORCH_EXTENSION_NAME, m) {
  m.doc() = "ops";
  m.def("forward", &forward, "forward (CUDA)", py::arg("input"), py::arg("bias") = py::none(), py::arg("eps") = 1e-5);
  m.def("two", [](torch::Tensor a) { return two(a); }, py::call_guard<py::gil_scoped_release>());
}
TORCH_LIBRARY(myops, m) {
  m.def("two(Tensor a) -> Tensor");
  m.impl("two", &two);
}
TORCH_LIBRARY_IMPL(myops, CUDA, m) { m.impl("two", TORCH_FN(two)); }
