// Kernels of test_features_language.py, as the translator would leave them.
#include <math_constants.h>
#include <cuda_fp16.h>
#include <cuda_bf16.h>

static_assert(sizeof(float3) == 12 && alignof(float3) == 4 && alignof(float4) == 16 && alignof(double4) == 16);
static_assert(alignof(char2) == 2 && alignof(uchar4) == 4 && alignof(short4) == 8 && alignof(int2) == 8 && sizeof(longlong4) == 32);

__global__ void bits(const unsigned* a, const unsigned* b, unsigned* out, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const unsigned x = a[i], y = b[i];
  unsigned* o = out + i;
  auto put = [&](unsigned v) { *o = v; o += n; };
  put(__popc(x)); put(__clz(x)); put(__ffs(x)); put(__brev(x));
  put(__byte_perm(x, y, 0x7531)); put(__funnelshift_l(x, y, 13)); put(__funnelshift_r(x, y, 13));
  put(__umulhi(x, y)); put(__mulhi(int(x), int(y))); put(__dp4a(int(x), int(y), 7)); put(__vadd4(x, y));
  put(__vsubss2(x, y)); put(__usad(x, y, 1u)); put(__mul24(x, y)); put(__vmaxs4(x, y)); put(__popcll(uint64_t(x) << 32 | y));
}
EXPORT void run_bits(const unsigned* a, const unsigned* b, unsigned* out, int n) { LAUNCH((n + 63) / 64, 64, bits(a, b, out, n)); }

__global__ void special(const float* x, float* out, int n) {
  for (int i = threadIdx.x; i < n; i += blockDim.x) {
    float* o = out + i;
    auto put = [&](float v) { *o = v; o += n; };
    put(rsqrtf(x[i])); put(erff(x[i])); put(erfcf(x[i])); put(normcdff(x[i])); put(tanhf(x[i])); put(__expf(x[i])); put(__logf(x[i]));
    put(__sinf(x[i])); put(__cosf(x[i])); put(erfinvf(tanhf(x[i]))); put(sinpif(x[i])); put(cospif(x[i])); put(exp10f(x[i] / 8));
    put(__saturatef(x[i])); put(cbrtf(x[i])); put(log1pf(__expf(x[i]))); put(normcdfinvf(normcdff(x[i]))); put(erfcxf(fabsf(x[i])));
  }
}
EXPORT void run_special(const float* x, float* out, int n) { LAUNCH(1, 32, special(x, out, n)); }

__global__ void edges(double* o) {
  auto put = [&](double v) { *o++ = v; };
  put(__powf(-2.0f, 2.0f)); put(__fdividef(1.0f, 1.5e38f)); put(__saturatef(CUDART_NAN_F)); put(fmaxf(CUDART_NAN_F, 1.0f));
  put(max(1.5f, CUDART_NAN_F)); put(max(-1, 1u)); put(min(3.0f, 2.0)); put(__float2int_rn(2.5f)); put(__float2int_rz(-2.7f));
  put(__float2int_ru(2.1f)); put(__float2int_rd(-2.1f)); put(__float2int_rz(3e9f)); put(__float2int_rz(CUDART_NAN_F));
  put(__float2uint_rz(-5.0f)); put(__double2int_rz(1e300)); put(__fadd_rz(1.0f, 1e-9f)); put(__fadd_ru(1.0f, 1e-9f) > 1.0f);
  put(__fmul_rd(1.0f / 3, 3.0f) <= 1.0f); put(__fmaf_rn(1.5f, 2.0f, 0.25f)); put(__frcp_rn(4.0f)); put(__fsqrt_rn(9.0f));
  put(__int_as_float(0x3f800000)); put(__float_as_int(-0.0f)); put(rhypotf(3.0f, 4.0f)); put(norm3df(2.0f, 3.0f, 6.0f));
  put(__hiloint2double(0x3ff00000, 0)); put(CUDART_INF_F); put(__dsqrt_rn(2.0)); put(fdividef(7.0f, 2.0f)); put(llmax(3, 9));
}
EXPORT void run_edges(double* o) { LAUNCH(1, 1, edges(o)); }

__global__ void shuffles(int* out) {
  const int lane = threadIdx.x;
  int* o = out + lane;
  auto put = [&](int v) { *o = v; o += 32; };
  put(__shfl_sync(~0u, lane * 10, 5)); put(__shfl_sync(~0u, lane, 9, 8)); put(__shfl_up_sync(~0u, lane, 3)); put(__shfl_up_sync(~0u, lane, 3, 8));
  put(__shfl_down_sync(~0u, lane, 4, 8)); put(__shfl_down_sync(~0u, lane, 40)); put(__shfl_xor_sync(~0u, lane, 16)); put(__shfl_xor_sync(~0u, lane, 8, 8));
  put(int(__shfl_down_sync(~0u, double(lane), 1))); put(int(float(__shfl_xor_sync(~0u, __float2half(float(lane)), 1))));
  put(__ballot_sync(~0u, lane % 3 == 0)); put(__any_sync(~0u, lane == 31)); put(__all_sync(~0u, lane < 31)); put(__match_any_sync(~0u, lane / 5));
  int same; put(__match_all_sync(~0u, 7, &same)); put(same); put(__reduce_add_sync(~0u, lane)); put(__reduce_max_sync(~0u, -lane));
  put(__reduce_xor_sync(~0u, 1u << (lane & 7)));
  if (lane < 16) put(__shfl_down_sync(0xffffu, lane, 1, 16)); else put(-1);
  put(int(__shfl_up_sync(~0u, (long long)(lane) << 33, 1) >> 33)); put(__activemask());
}
EXPORT void run_shuffles(int* out) { LAUNCH(1, 32, shuffles(out)); }

__global__ void votes(int* out) {
  const int t = threadIdx.x;
  const int count = __syncthreads_count(t % 2), all = __syncthreads_and(t < 95), any = __syncthreads_or(t == 95);
  out[t] = count * 100 + all * 10 + any;
}
EXPORT void run_votes(int* out) { LAUNCH(1, 96, votes(out)); }

struct Cells { int i; unsigned u; unsigned long long ull; float f; double d; int low, high; unsigned both, either, differ, wrap, down, cas;
               long long ll; unsigned short s; __half h; __nv_bfloat16 b; __half2 h2; float exchanged; alignas(8) float2 f2; alignas(16) float4 f4; };
__global__ void atomics(Cells* c, int* old) {
  const int t = blockIdx.x * blockDim.x + threadIdx.x;
  old[t] = atomicAdd(&c->i, 1);
  atomicAdd(&c->u, 2u); atomicAdd(&c->ull, 1ull << 33); atomicAdd(&c->f, 0.5f); atomicAdd_block(&c->d, 0.25); atomicMin(&c->low, -t);
  atomicMax(&c->high, t); atomicAnd(&c->both, ~(1u << (t & 31))); atomicOr(&c->either, 1u << (t & 15)); atomicXor(&c->differ, 5u);
  atomicInc(&c->wrap, 6u); atomicDec(&c->down, 9u); atomicMax(&c->ll, -5000000000ll + t); atomicAdd(&c->h, __float2half(1.0f));
  atomicAdd(&c->b, __float2bfloat16(1.0f)); atomicAdd(&c->h2, __floats2half2_rn(1.0f, 2.0f)); atomicAdd(&c->f2, make_float2(1, 2));
  atomicAdd(&c->f4, make_float4(1, 2, 3, 4)); atomicSub(&c->i, 0);
  unsigned seen = c->cas, expected;
  do { expected = seen; seen = atomicCAS(&c->cas, expected, expected + 3); } while (seen != expected);
  unsigned short had = c->s, wanted;
  do { wanted = had; had = atomicCAS(&c->s, wanted, (unsigned short)(wanted + 1)); } while (had != wanted);
  atomicExch_system(&c->exchanged, 3.5f);
}
EXPORT void run_atomics(double* o, int* old) {
  Cells* cells;
  cudaMalloc(&cells, sizeof(Cells));
  Cells& c = *cells;
  c = Cells{};
  c.both = ~0u;
  c.ll = -9000000000ll;
  LAUNCH(4, 64, atomics(cells, old));
  auto put = [&](double v) { *o++ = v; };
  put(c.i); put(c.u); put(c.ull); put(c.f); put(c.d); put(c.low); put(c.high); put(c.both); put(c.either); put(c.differ); put(c.wrap); put(c.down);
  put(c.cas); put(c.ll); put(c.s); put(float(c.h)); put(float(c.b)); put(float(c.h2.x)); put(float(c.h2.y)); put(c.exchanged); put(c.f2.y); put(c.f4.w);
}

__global__ void loads(const float4* x, float4* y, const __half2* h, __half2* g) {
  __stcg(y + threadIdx.x, __ldg(x + threadIdx.x));
  __stcs(g + threadIdx.x, __ldcg(h + threadIdx.x));
  float4 v = y[threadIdx.x];
  reinterpret_cast<float*>(y)[4 * threadIdx.x] = v.x + v.w;
}
EXPORT void run_loads(const float4* x, float4* y, const __half2* h, __half2* g) { LAUNCH(1, 8, loads(x, y, h, g)); }

__global__ void shared_addresses(int* out) {
  float (&tile)[64] = SHARED(float[64], 1);
  tile[threadIdx.x] = threadIdx.x;
  __syncthreads();
  const unsigned address = unsigned(__cvta_generic_to_shared(&tile[5]));
  out[threadIdx.x] = __isShared(tile) && !__isGlobal(tile) && __isGlobal(out) && *static_cast<float*>(__cvta_shared_to_generic(address)) == 5.0f;
}
EXPORT void run_shared_addresses(int* out) { LAUNCH(1, 64, shared_addresses(out)); }
__global__ void failing(int kind) { if (kind) __trap(); assert(threadIdx.x == 99); }
EXPORT int run_failing(int kind, char* text, int size) {
  try { LAUNCH(1, 32, failing(kind)); } catch (const std::exception& e) { snprintf(text, size, "%s", e.what()); return 1; }
  return 0;
}
