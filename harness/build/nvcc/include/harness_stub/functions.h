// Functions of torch on the host. As with the tensor's members, names that are not here are added by the builder.
#pragma once

#define HARNESS_STUB_FUNCTION(name)                                                                                   \
  template <class... A> Tensor name(const Tensor&, const A&...);                                                      \
  template <class... A> Tensor name(const Tensor&, IntArrayRef, const A&...);                                         \
  template <class... A> Tensor name(const Tensor&, const Tensor&, IntArrayRef, const A&...);                          \
  template <class... A> Tensor name(TensorList, const A&...);                                                         \
  Tensor name(const Tensor&, const Tensor&, const std::optional<Tensor>&, IntArrayRef, IntArrayRef = {1},             \
              IntArrayRef = {1}, int64_t = 1);                                                                        \
  Tensor name(const Tensor&, IntArrayRef, IntArrayRef, IntArrayRef = {0}, IntArrayRef = {1}, bool = false);

namespace at {
#define HARNESS_STUB_FACTORY(name)                      \
  Tensor name(IntArrayRef, const TensorOptions& = {});  \
  Tensor name(IntArrayRef, std::optional<ScalarType>, std::optional<Layout>, std::optional<Device>, std::optional<bool>); \
  Tensor name##_like(const Tensor&, const TensorOptions& = {}, std::optional<MemoryFormat> = {});
HARNESS_STUB_FACTORY(empty) HARNESS_STUB_FACTORY(zeros) HARNESS_STUB_FACTORY(ones) HARNESS_STUB_FACTORY(rand)
HARNESS_STUB_FACTORY(randn)
#undef HARNESS_STUB_FACTORY
Tensor full(IntArrayRef, const Scalar&, const TensorOptions& = {});
Tensor full_like(const Tensor&, const Scalar&, const TensorOptions& = {});
Tensor empty_strided(IntArrayRef, IntArrayRef, const TensorOptions& = {});
Tensor arange(const Scalar&, const TensorOptions& = {});
Tensor arange(const Scalar&, const Scalar&, const TensorOptions& = {});
Tensor arange(const Scalar&, const Scalar&, const Scalar&, const TensorOptions& = {});
Tensor linspace(const Scalar&, const Scalar&, int64_t, const TensorOptions& = {});
Tensor eye(int64_t, const TensorOptions& = {});
Tensor randint(int64_t, IntArrayRef, const TensorOptions& = {});
Tensor randint(int64_t, int64_t, IntArrayRef, const TensorOptions& = {});
Tensor randperm(int64_t, const TensorOptions& = {});
Tensor scalar_tensor(const Scalar&, const TensorOptions& = {});
Tensor from_blob(void*, IntArrayRef, const TensorOptions& = {});
template <class F> Tensor from_blob(void*, IntArrayRef, const F&, const TensorOptions&);
template <class T> Tensor tensor(std::initializer_list<T>, const TensorOptions& = {});
template <class T> Tensor tensor(const T&, const TensorOptions& = {});

Tensor max(const Tensor&);
Tensor min(const Tensor&);
Tensor max(const Tensor&, const Tensor&);
Tensor min(const Tensor&, const Tensor&);
std::tuple<Tensor, Tensor> max(const Tensor&, int64_t, bool = false);
std::tuple<Tensor, Tensor> min(const Tensor&, int64_t, bool = false);
std::tuple<Tensor, Tensor> sort(const Tensor&, int64_t = -1, bool = false);
std::tuple<Tensor, Tensor> topk(const Tensor&, int64_t, int64_t = -1, bool = true, bool = true);
std::tuple<Tensor, Tensor> var_mean(const Tensor&, OptionalIntArrayRef, bool = true, bool = false);
std::tuple<Tensor, Tensor, Tensor> native_layer_norm(const Tensor&, IntArrayRef, const std::optional<Tensor>&,
                                                     const std::optional<Tensor>&, double);
std::vector<Tensor> unbind(const Tensor&, int64_t = 0);
std::vector<Tensor> chunk(const Tensor&, int64_t, int64_t = 0);
std::vector<Tensor> split(const Tensor&, int64_t, int64_t = 0);
std::vector<Tensor> meshgrid(TensorList);
Tensor einsum(const char*, TensorList);
bool allclose(const Tensor&, const Tensor&, double = 1e-5, double = 1e-8, bool = false);
bool equal(const Tensor&, const Tensor&);
bool is_floating_point(const Tensor&);
void manual_seed(uint64_t);
std::vector<int64_t> infer_size(IntArrayRef, IntArrayRef);
int get_num_threads();
template <class F> void parallel_for(int64_t, int64_t, int64_t, const F&);
std::optional<Device> device_of(const Tensor&);
HARNESS_STUB_FUNCTIONS(HARNESS_STUB_FUNCTION)
}  // namespace at

// Where else the same operations are called.
namespace at::native { using namespace at; }
namespace torch::nn::functional { using namespace at; }
namespace torch::special { using namespace at; }
namespace torch::linalg { using namespace at; }
namespace torch::fft { using namespace at; }

namespace torch {
using namespace at;
using Dtype = c10::ScalarType;
using Device = c10::Device;
constexpr auto kU8 = c10::kByte, kI32 = c10::kInt, kI64 = c10::kLong, kF16 = c10::kHalf, kF32 = c10::kFloat, kF64 = c10::kDouble;
namespace autograd {
using Variable = at::Tensor;
using variable_list = std::vector<at::Tensor>;
}  // namespace autograd
namespace cuda {
bool is_available();
void synchronize(int64_t = -1);
int device_count();
}  // namespace cuda
}  // namespace torch
