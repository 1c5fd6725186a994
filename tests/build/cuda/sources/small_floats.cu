// Kernels of test_features_small_floats.py, as the translator would leave them.
#include <cuda_fp16.h>
#include <cuda_bf16.h>
template <class H> __global__ void binary(const H* a, const H* b, const H* c, H* out, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  out[i] = a[i] + b[i];
  out[n + i] = a[i] - b[i];
  out[2 * n + i] = __hmul(a[i], b[i]);
  out[3 * n + i] = a[i] / b[i];
  out[4 * n + i] = __hfma(a[i], b[i], c[i]);
  out[5 * n + i] = __hmax(a[i], b[i]);
  out[6 * n + i] = __hmin(a[i], b[i]);
  out[7 * n + i] = __hlt(a[i], b[i]) ? 1 : 0;
  out[8 * n + i] = __hneu(a[i], b[i]) ? 1 : 0;
  out[9 * n + i] = hsqrt(a[i]);
}
EXPORT void half_binary(const __half* a, const __half* b, const __half* c, __half* out, int n) {
  LAUNCH((n + 127) / 128, 128, binary(a, b, c, out, n));
}
EXPORT void bfloat16_binary(const __nv_bfloat16* a, const __nv_bfloat16* b, const __nv_bfloat16* c, __nv_bfloat16* out, int n) {
  LAUNCH((n + 127) / 128, 128, binary(a, b, c, out, n));
}
EXPORT void half_widen(const __half* a, float* out, int n) { for (int i = 0; i < n; ++i) out[i] = __half2float(a[i]); }
EXPORT void half_narrow(const float* a, __half* out, int n) {
  for (int i = 0; i < n; ++i) {
    out[i] = __float2half(a[i]);
    out[n + i] = __float2half_rz(a[i]);
    out[2 * n + i] = __float2half_ru(a[i]);
    out[3 * n + i] = __float2half_rd(a[i]);
  }
}
EXPORT void bfloat16_narrow(const float* a, __nv_bfloat16* out, int n) {
  for (int i = 0; i < n; ++i) {
    out[i] = __float2bfloat16(a[i]);
    out[n + i] = __float2bfloat16_rz(a[i]);
    out[2 * n + i] = __float2bfloat16_ru(a[i]);
    out[3 * n + i] = __float2bfloat16_rd(a[i]);
  }
}
EXPORT void pairs(const __half2* a, const __half2* b, float* out) {
  const __half2 s = __hadd2(*a, *b), f = __hfma2(*a, *b, __half2half2(__float2half(1.0f)));
  const float2 v = __half22float2(s);
  const __nv_bfloat162 w = __floats2bfloat162_rn(1.5f, -2.25f);
  const float values[] = {v.x, v.y, __low2float(f), __high2float(f), __low2float(__lowhigh2highlow(*a)), float(__hbgt2(*a, *b)),
                          float(__hgt2(*a, *b).x), __low2float(__hmul2(w, w)), __high2float(w), float(__hge2_mask(*a, *b) >> 16)};
  for (float x : values) *out++ = x;
}
EXPORT void integers(int* out) {
  const int values[] = {__half2int_rz(__float2half(-2.7f)), __half2int_rn(__float2half(2.5f)), __half2int_ru(__float2half(2.25f)),
                        __half2int_rn(CUDART_INF_FP16), __half2int_rn(CUDART_NAN_FP16), __half2uint_rz(__float2half(-1.0f)),
                        __half_as_ushort(__int2half_rn(2049)), __half_as_ushort(__int2half_rz(2051)), __half_as_ushort(__ll2half_rn(1LL << 40)),
                        __half_as_ushort(__ushort_as_half(0x1234)), sizeof(__half2), alignof(__half2)};
  for (int x : values) *out++ = x;
}
