// Checks: their condition and message are parsed, nothing more.
#pragma once

namespace harness_stub {
template <class... A> [[noreturn]] void fail(const A&...);
template <class... A> void say(const A&...);
bool maybe();
}  // namespace harness_stub

#define TORCH_CHECK(condition, ...)                    \
  do {                                                 \
    if (!(condition)) ::harness_stub::fail(__VA_ARGS__); \
  } while (0)
#define TORCH_CHECK_WITH(error, condition, ...) TORCH_CHECK(condition, ##__VA_ARGS__)
#define TORCH_CHECK_VALUE TORCH_CHECK
#define TORCH_CHECK_TYPE TORCH_CHECK
#define TORCH_CHECK_INDEX TORCH_CHECK
#define TORCH_CHECK_ARG(condition, number, ...) TORCH_CHECK(condition, ##__VA_ARGS__)
#define TORCH_CHECK_NOT_IMPLEMENTED TORCH_CHECK
#define TORCH_CHECK_EQ(a, b) TORCH_CHECK((a) == (b))
#define TORCH_CHECK_NE(a, b) TORCH_CHECK((a) != (b))
#define TORCH_CHECK_LE(a, b) TORCH_CHECK((a) <= (b))
#define TORCH_CHECK_LT(a, b) TORCH_CHECK((a) < (b))
#define TORCH_CHECK_GE(a, b) TORCH_CHECK((a) >= (b))
#define TORCH_CHECK_GT(a, b) TORCH_CHECK((a) > (b))
#define TORCH_INTERNAL_ASSERT TORCH_CHECK
#define TORCH_INTERNAL_ASSERT_DEBUG_ONLY TORCH_CHECK
#define AT_ASSERT TORCH_CHECK
#define AT_ASSERTM TORCH_CHECK
#define AT_CHECK TORCH_CHECK
#define AT_ERROR(...) ::harness_stub::fail(__VA_ARGS__)
#define TORCH_WARN(...) ::harness_stub::say(__VA_ARGS__)
#define TORCH_WARN_ONCE(...) ::harness_stub::say(__VA_ARGS__)
#define C10_THROW_ERROR(type, ...) ::harness_stub::fail(__VA_ARGS__)
#define C10_CUDA_CHECK(...) ::harness_stub::say(__VA_ARGS__)
#define C10_CUDA_CHECK_WARN(...) ::harness_stub::say(__VA_ARGS__)
#define AT_CUDA_CHECK(...) ::harness_stub::say(__VA_ARGS__)
#define AT_CUDA_DRIVER_CHECK(...) ::harness_stub::say(__VA_ARGS__)
#define TORCH_CUDABLAS_CHECK(...) ::harness_stub::say(__VA_ARGS__)
#define TORCH_CUDA_CHECK(...) ::harness_stub::say(__VA_ARGS__)
#define C10_CUDA_KERNEL_LAUNCH_CHECK() ::harness_stub::say()
#define TORCH_DSA_KERNEL_LAUNCH(kernel, blocks, threads, shared, stream, ...) kernel<<<blocks, threads, shared, stream>>>(__VA_ARGS__)
#define CUDA_KERNEL_ASSERT(condition) \
  do {                                \
    if (!(condition)) __trap();       \
  } while (0)
#define CUDA_KERNEL_LOOP_TYPE(i, n, T)                                                                 \
  for (T i = blockIdx.x * static_cast<T>(blockDim.x) + threadIdx.x; i < (n); i += blockDim.x * gridDim.x)
#define CUDA_KERNEL_LOOP(i, n) CUDA_KERNEL_LOOP_TYPE(i, n, int)
#define CUDA_1D_KERNEL_LOOP(i, n) CUDA_KERNEL_LOOP_TYPE(i, n, int)
#define CUDA_1D_KERNEL_LOOP_T(i, n, T) CUDA_KERNEL_LOOP_TYPE(i, n, T)
#define RECORD_FUNCTION(...)
#define TORCH_ARG(T, name) T name##_
