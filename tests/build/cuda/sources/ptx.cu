// Kernels of test_features_ptx.py, as the translator would leave them.
#include "harness_cuda/ptx.h"
#include <cuda_fp16.h>
#include <cuda_bf16.h>
#define O(constraint, v) ::harness_cuda::ptx_out(constraint, v)
#define B(constraint, v) ::harness_cuda::ptx_inout(constraint, v)
#define I(constraint, v) ::harness_cuda::ptx_in(constraint, v)

__global__ void floats(const float* x, float* out, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const float a = x[i], b = x[(i + 1) % n], c = 0.25f;
  float* o = out + i;
  float d;
#define RUN(text, ...) HARNESS_PTX(text, O("=f", d), __VA_ARGS__); *o = d; o += n
  RUN("add.rn.f32 %0, %1, %2;", I("f", a), I("f", b));
  RUN("fma.rn.f32 %0, %1, %2, %3;\n", I("f", a), I("f", b), I("f", c));
  RUN("ex2.approx.ftz.f32 %0, %1;", I("f", a));
  RUN("lg2.approx.f32 %0, %1;", I("f", a * a));
  RUN("rcp.approx.ftz.f32 %0, %1;", I("f", a));
  RUN("rsqrt.approx.f32 %0, %1;", I("f", a * a));
  RUN("tanh.approx.f32 %0, %1;", I("f", a));
  RUN("min.f32 %0, %1, %2;", I("f", a), I("f", b));
  RUN("abs.f32 %0, %1;", I("f", a));
  RUN("{ .reg .pred p; setp.lt.f32 p, %1, 0f00000000; selp.f32 %0, %2, %1, p; }", I("f", a), I("f", b));
  RUN("{\n\t.reg .f32 t;\n\t// a comment\n\tmul.f32 t, %1, 0.5;\n\tadd.f32 %0, t, 1.0;\n}", I("f", a));
  RUN("sqrt.rn.f32 %0, %1;", I("f", a * a));
  RUN("div.rn.f32 %0, %1, %2;", I("f", a), I("f", c));
  RUN("cvt.rni.f32.f32 %0, %1;", I("f", a));
  d = a;
  HARNESS_PTX("{ .reg .pred %%p; setp.ge.f32 %%p, %0, %1; @!%%p mov.f32 %0, %1; @%%p add.f32 %0, %0, %0; }", B("+f", d), I("f", c));
  *o = d;
}
EXPORT void run_floats(const float* x, float* out, int n) { LAUNCH(1, 128, floats(x, out, n)); }

__global__ void integers(const unsigned* a, const unsigned* b, unsigned* out, int n) {
  for (int i = threadIdx.x; i < n; i += blockDim.x) {
    const unsigned x = a[i], y = b[i];
    unsigned* o = out + i;
    unsigned d;
#undef RUN
#define RUN(text, ...) HARNESS_PTX(text, O("=r", d), I("r", x), I("r", y) __VA_OPT__(, ) __VA_ARGS__); *o = d; o += n
    RUN("lop3.b32 %0, %1, %2, %3, 0xEA;", I("r", x + y));
    RUN("prmt.b32 %0, %1, %2, 0x5410;");
    RUN("bfe.u32 %0, %1, 4, 11;");
    RUN("bfe.s32 %0, %1, 4, 11;");
    RUN("bfi.b32 %0, %1, %2, 8, 12;");
    RUN("mul.hi.u32 %0, %1, %2;");
    RUN("mad.lo.u32 %0, %1, %2, 5;");
    RUN("shr.s32 %0, %1, 3;");
    RUN("shl.b32 %0, %1, 35;");
    RUN("popc.b32 %0, %1;");
    RUN("clz.b32 %0, %1;");
    RUN("min.s32 %0, %1, %2;");
    RUN("{ .reg .u64 t; mul.wide.u32 t, %1, %2; shr.u64 t, t, 20; cvt.u32.u64 %0, t; }");
    RUN("{ .reg .b16 lo, hi; mov.b32 {lo, hi}, %1; mov.b32 %0, {hi, lo}; }");
    RUN("dp4a.s32.u32 %0, %1, %2, 1;");
    RUN("{ .reg .u32 t; add.cc.u32 t, %1, %2; addc.u32 %0, 0, 0; }");
    RUN("vote.sync.ballot.b32 %0, 1, 0xffffffff;");
    int s = int(x);
    HARNESS_PTX("neg.s32 %0, %0;", B("+r", s));
    *o = unsigned(s);
  }
}
EXPORT void run_integers(const unsigned* a, const unsigned* b, unsigned* out, int n) { LAUNCH(1, 32, integers(a, b, out, n)); }

__global__ void halves(const unsigned* a, const unsigned* b, unsigned* out) {
  const int t = threadIdx.x;
  unsigned d;
  HARNESS_PTX("fma.rn.f16x2 %0, %1, %2, %1;", O("=r", d), I("r", a[t]), I("r", b[t])); out[t] = d;
  HARNESS_PTX("max.bf16x2 %0, %1, %2;", O("=r", d), I("r", a[t]), I("r", b[t])); out[32 + t] = d;
  HARNESS_PTX("cvt.rn.f16x2.f32 %0, %1, %2;", O("=r", d), I("f", 1.0f * t), I("f", 0.5f)); out[64 + t] = d;
  HARNESS_PTX("cvt.rna.tf32.f32 %0, %1;", O("=r", d), I("f", 1.0f + t * 0.0001f)); out[96 + t] = d;
  unsigned short h;
  HARNESS_PTX("cvt.rn.f16.f32 %0, %1;", O("=h", h), I("f", t + 0.25f)); out[128 + t] = h;
  int n;
  HARNESS_PTX("cvt.rzi.s32.f32 %0, %1;", O("=r", n), I("f", -t - 0.75f)); out[160 + t] = unsigned(n);
}
EXPORT void run_halves(const unsigned* a, const unsigned* b, unsigned* out) { LAUNCH(1, 32, halves(a, b, out)); }

__global__ void memory(const float4* __restrict__ x, float4* __restrict__ y, int* sums) {
  float4 (&tile)[32] = SHARED(float4[32], 3);
  const int t = threadIdx.x;
  const unsigned to = static_cast<unsigned>(__cvta_generic_to_shared(&tile[t]));
  if (t % 2) HARNESS_PTX("cp.async.cg.shared.global [%0], [%1], %2;\n", I("r", to), I("l", &x[t]), I("n", 16));
  else HARNESS_PTX("cp.async.ca.shared.global.L2::128B [%0], [%1], 16, %2;", I("r", to), I("l", x + t), I("r", t % 4 ? 16 : 8));
  HARNESS_PTX("cp.async.commit_group;");
  HARNESS_PTX("cp.async.wait_group %0;", I("n", 0));
  HARNESS_PTX("bar.sync 0;");
  float4 v;
  const unsigned from = static_cast<unsigned>(__cvta_generic_to_shared(&tile[0])) + (t ^ 1) * 16;
  HARNESS_PTX("ld.shared.v4.f32 {%0, %1, %2, %3}, [%4];", O("=f", v.x), O("=f", v.y), O("=f", v.z), O("=f", v.w), I("r", from));
  HARNESS_PTX("st.global.cs.v4.f32 [%0], {%1, %2, %3, %4};", I("l", y + t), I("f", v.x), I("f", v.y), I("f", v.z), I("f", v.w));
  float w;
  HARNESS_PTX("ld.global.nc.L1::no_allocate.f32 %0, [%1+4];", O("=f", w), I("l", x + t));
  HARNESS_PTX("red.global.add.s32 [%0], %1;", I("l", sums), I("r", int(w)));
  int old;
  HARNESS_PTX("atom.global.add.u32 %0, [%1], 2;", O("=r", old), I("l", sums + 1));
  HARNESS_PTX("{ .reg .u64 p; cvta.to.global.u64 p, %0; st.global.u32 [p+8], %1; }", I("l", sums), I("r", 7));
  unsigned lane, other, kept;
  HARNESS_PTX("mov.u32 %0, %%laneid;", O("=r", lane));
  HARNESS_PTX("shfl.sync.bfly.b32 %0, %1, 3, 0x1f, 0xffffffff;", O("=r", other), I("r", lane));
  HARNESS_PTX("{ .reg .pred p; shfl.sync.down.b32 %0|p, %1, 4, 0x1f, -1; @!p mov.u32 %0, 99; }", O("=r", kept), I("r", lane));
  sums[3 + t] = int(other);
  sums[35 + t] = int(kept);
}
EXPORT void run_memory(const float4* x, float4* y, int* sums) { LAUNCH(1, 32, memory(x, y, sums)); }

// One 16x8x16 product by ldmatrix and mma, as kernels for tensor cores do it.
__global__ void product(const __half* a, const __half* b, float* c) {
  __half (&left)[16 * 16] = SHARED(__half[256], 4);
  __half (&right)[16 * 8] = SHARED(__half[128], 5);
  const int t = threadIdx.x;
  for (int i = t; i < 256; i += 32) left[i] = a[i];
  for (int i = t; i < 128; i += 32) right[i] = b[i];
  __syncthreads();
  unsigned A[4], Bx[2];
  const unsigned p = unsigned(__cvta_generic_to_shared(&left[(t % 16) * 16 + (t / 16) * 8])), q = unsigned(__cvta_generic_to_shared(&right[(t % 16) * 8]));
  HARNESS_PTX("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];", O("=r", A[0]), O("=r", A[1]), O("=r", A[2]), O("=r", A[3]), I("r", p));
  HARNESS_PTX("ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%0, %1}, [%2];", O("=r", Bx[0]), O("=r", Bx[1]), I("r", q));
  float d[4] = {1, 1, 1, 1};
  HARNESS_PTX("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};", B("+f", d[0]), B("+f", d[1]),
              B("+f", d[2]), B("+f", d[3]), I("r", A[0]), I("r", A[1]), I("r", A[2]), I("r", A[3]), I("r", Bx[0]), I("r", Bx[1]));
  const int row = t / 4, col = t % 4 * 2;
  c[row * 8 + col] = d[0]; c[row * 8 + col + 1] = d[1]; c[(row + 8) * 8 + col] = d[2]; c[(row + 8) * 8 + col + 1] = d[3];
}
EXPORT void run_product(const __half* a, const __half* b, float* c) { LAUNCH(1, 32, product(a, b, c)); }

// tf32 and s8 products with fragments filled by hand after the manual's figures.
__global__ void others(const float* a, const float* b, float* c, const signed char* ia, const signed char* ib, int* ic) {
  const int t = threadIdx.x, g = t / 4, k = t % 4;
  float d[4];
  HARNESS_PTX("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%10,%10,%10,%10};", O("=f", d[0]), O("=f", d[1]),
              O("=f", d[2]), O("=f", d[3]), I("r", __float_as_uint(a[g * 8 + k])), I("r", __float_as_uint(a[(g + 8) * 8 + k])),
              I("r", __float_as_uint(a[g * 8 + k + 4])), I("r", __float_as_uint(a[(g + 8) * 8 + k + 4])), I("r", __float_as_uint(b[k * 8 + g])),
              I("r", __float_as_uint(b[(k + 4) * 8 + g])), I("f", 0.0f));
  int e[4];
  auto word = [](const signed char* p, int step) { return unsigned(p[0] & 255) | (p[step] & 255) << 8 | (p[2 * step] & 255) << 16 | unsigned(p[3 * step] & 255) << 24; };
  HARNESS_PTX("mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%10,%10,%10,%10};", O("=r", e[0]), O("=r", e[1]),
              O("=r", e[2]), O("=r", e[3]), I("r", word(ia + g * 32 + 4 * k, 1)), I("r", word(ia + (g + 8) * 32 + 4 * k, 1)),
              I("r", word(ia + g * 32 + 4 * k + 16, 1)), I("r", word(ia + (g + 8) * 32 + 4 * k + 16, 1)), I("r", word(ib + 4 * k * 8 + g, 8)),
              I("r", word(ib + (4 * k + 16) * 8 + g, 8)), I("r", 3));
  for (int i = 0; i < 4; ++i) {
    const int at = (g + 8 * (i / 2)) * 8 + 2 * k + i % 2;
    c[at] = d[i];
    ic[at] = e[i];
  }
}
EXPORT void run_others(const float* a, const float* b, float* c, const signed char* ia, const signed char* ib, int* ic) {
  LAUNCH(1, 32, others(a, b, c, ia, ib, ic));
}
EXPORT int run_unknown(char* text, int size) {
  try { LAUNCH(1, 1, HARNESS_PTX("wgmma.fence.sync.aligned;")); } catch (const std::exception& e) { snprintf(text, size, "%s", e.what()); return 1; }
  return 0;
}
#undef O
#undef B
#undef I
#undef RUN
