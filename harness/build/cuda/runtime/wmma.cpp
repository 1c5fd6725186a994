// The matrix product of nvcuda::wmma: one lane gathers the warp's fragments, multiplies, and hands out the result.
#include <cstring>

#include "harness_cuda/bfloat16.h"
#include "harness_cuda/wmma.h"
#include "check.h"
#include "matrix.h"

namespace harness_cuda {
namespace {

template <class T>
T wmma_element(Element type, const void* elements, unsigned index) {
  switch (type) {
    case Element::half: return T(HalfFormat::widen(static_cast<const uint16_t*>(elements)[index]));
    case Element::bfloat16: return T(BFloat16Format::widen(static_cast<const uint16_t*>(elements)[index]));
    case Element::tf32: return T(bit_cast<float>(static_cast<const uint32_t*>(elements)[index] & 0xffffe000));
    case Element::float32: return T(static_cast<const float*>(elements)[index]);
    case Element::float64: return T(static_cast<const double*>(elements)[index]);
    case Element::s8: return T(static_cast<const int8_t*>(elements)[index]);
    case Element::u8: return T(static_cast<const uint8_t*>(elements)[index]);
    default: return T(static_cast<const int32_t*>(elements)[index]);
  }
}
unsigned wmma_bytes(Element type) {
  return type == Element::float64 ? 8 : type == Element::half || type == Element::bfloat16 ? 2 : type == Element::s8 || type == Element::u8 ? 1 : 4;
}

Counter wmma_counter(Element type) {
  switch (type) {
    case Element::half: return k_tensor_fp16;
    case Element::bfloat16: return k_tensor_bf16;
    case Element::float64: return k_tensor_fp64;
    case Element::s8: case Element::u8: return k_tensor_int8;
    default: return k_tensor_tf32;
  }
}

template <class T>
void wmma_product(const MatrixCall* const* calls) {
  const MatrixCall& first = *calls[0];
  T a[32 * 16], b[16 * 32], c[16 * 16 * 2], d[16 * 16 * 2];
  const auto gather = [&](T* to, MatrixPart MatrixCall::*part, unsigned count) {
    for (unsigned lane = 0; lane < 32; ++lane)
      for (unsigned i = 0; i < count / 32; ++i) to[lane * (count / 32) + i] = wmma_element<T>((calls[lane]->*part).type, (calls[lane]->*part).elements, i);
  };
  gather(a, &MatrixCall::a, first.m * first.k);
  gather(b, &MatrixCall::b, first.k * first.n);
  gather(c, &MatrixCall::c, first.m * first.n);
  if constexpr (std::is_same_v<T, float>) matrix_product(first.m, first.n, first.k, a, b, c, d);
  else matrix_product_of<T, std::conditional_t<std::is_integral_v<T>, uint32_t, double>>(first.m, first.n, first.k, a, b, c, d);
  const unsigned each = first.m * first.n / 32;
  for (unsigned lane = 0; lane < 32; ++lane)
    for (unsigned i = 0; i < each; ++i) {
      const T v = d[lane * each + i];
      if (first.d_type == Element::half) static_cast<uint16_t*>(calls[lane]->d)[i] = HalfFormat::narrow(float(v));
      else std::memcpy(static_cast<char*>(calls[lane]->d) + i * wmma_bytes(first.d_type), &v, sizeof v);
    }
}

}  // namespace

void warp_matrix_product(const MatrixCall& call) {
  uint32_t arrived;
  const uint64_t* slots = exchange(~0u, reinterpret_cast<uint64_t>(&call), &arrived);
  if (lane_id() == unsigned(__builtin_ctz(arrived))) {
    const MatrixCall* calls[32];
    for (unsigned lane = 0; lane < 32; ++lane) {
      if (!(arrived >> lane & 1)) absent_lane(~0u, lane);
      calls[lane] = reinterpret_cast<const MatrixCall*>(slots[arrived >> lane & 1 ? lane : unsigned(__builtin_ctz(arrived))]);
    }
    count_product(*current, wmma_counter(call.a.type), 2ull * call.m * call.n * call.k);
    if (call.d_type == Element::float64) wmma_product<double>(calls);
    else if (call.d_type == Element::s32) wmma_product<int32_t>(calls);
    else wmma_product<float>(calls);
  }
  warp_barrier(~0u);
}

}  // namespace harness_cuda
