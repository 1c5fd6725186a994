"""Vector types, bit functions, mathematics, atomics and warp functions in kernels, against values known independently."""

import ctypes
import math

import numpy as np
import pytest

from tests.build.cuda.emulated import kernels, refusal

SOURCE = r"""
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
  Cells c = {};
  c.both = ~0u;
  c.ll = -9000000000ll;
  LAUNCH(4, 64, atomics(&c, old));
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
"""


@pytest.fixture(scope="module")
def library() -> ctypes.CDLL:
    return kernels(SOURCE)


def pointer(array: np.ndarray) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)


def test_bit_functions(library: ctypes.CDLL) -> None:
    rng = np.random.default_rng(1)
    a, b = rng.integers(0, 2**32, (2, 500), dtype=np.uint64).astype(np.uint32)
    a[0] = 0
    got = np.empty((16, 500), np.uint32)
    library.run_bits(pointer(a), pointer(b), pointer(got), 500)
    for i, (x, y) in enumerate(zip(a.tolist(), b.tolist(), strict=True)):
        assert got[:, i].tolist() == [v % 2**32 for v in bit_functions(x, y)], (x, y)


def signed(v: int, width: int = 32) -> int:
    return v - (1 << width) if v >> (width - 1) & 1 else v


def pieces(v: int, width: int) -> list[int]:
    return [v >> s & ((1 << width) - 1) for s in range(0, 32, width)]


def joined(values: list[int], width: int) -> int:
    return sum((v & ((1 << width) - 1)) << (i * width) for i, v in enumerate(values))


def bit_functions(x: int, y: int) -> list[int]:
    """The same functions in Python's unbounded integers."""
    wide = y << 32 | x
    signed_bytes = [(signed(p, 8), signed(q, 8)) for p, q in zip(pieces(x, 8), pieces(y, 8), strict=True)]
    signed_halves = [(signed(p, 16), signed(q, 16)) for p, q in zip(pieces(x, 16), pieces(y, 16), strict=True)]
    selected = [wide >> 8 * k & 0xFF for k in (1, 3, 5, 7)]
    return [
        x.bit_count(), 32 - x.bit_length(), (x & -x).bit_length(), int(f"{x:032b}"[::-1], 2),
        joined(selected, 8), wide << 13 >> 32, wide >> 13, x * y >> 32, signed(x) * signed(y) >> 32,
        7 + sum(p * q for p, q in signed_bytes),
        joined([p + q for p, q in zip(pieces(x, 8), pieces(y, 8), strict=True)], 8),
        joined([max(-(2**15), min(2**15 - 1, p - q)) for p, q in signed_halves], 16),
        1 + abs(x - y), signed(x & 0xFFFFFF, 24) * signed(y & 0xFFFFFF, 24),
        joined([max(p, q) for p, q in signed_bytes], 8), x.bit_count() + y.bit_count(),
    ]  # fmt: skip


def test_mathematics(library: ctypes.CDLL) -> None:
    x = np.linspace(-3, 3, 401).astype(np.float32)
    got = np.empty((18, x.size), np.float32)
    library.run_special(pointer(x), pointer(got), x.size)
    phi = np.vectorize(lambda v: 0.5 * math.erfc(-v / math.sqrt(2)))
    wide = x.astype(np.float64)
    with np.errstate(all="ignore"):
        want = [
            1 / np.sqrt(wide), np.vectorize(math.erf)(wide), np.vectorize(math.erfc)(wide), phi(wide), np.tanh(wide),
            np.exp(wide), np.log(wide), np.sin(wide), np.cos(wide), None, np.sin(np.pi * wide), np.cos(np.pi * wide),
            10 ** (wide / 8), np.clip(wide, 0, 1), np.cbrt(wide), np.log1p(np.exp(wide)), wide,
            np.exp(wide**2) * np.vectorize(math.erfc)(np.abs(wide)),
        ]  # fmt: skip
    for row, expected in enumerate(want):
        if expected is not None:  # the intrinsics' documented error is a few units of 2**-21
            np.testing.assert_allclose(got[row], expected, rtol=3e-5, atol=2e-6, err_msg=str(row))
    inside = np.abs(x) < 2  # beyond, tanhf(x) is too close to 1 to be inverted from float
    np.testing.assert_allclose(np.vectorize(math.erf)(got[9])[inside], np.tanh(wide)[inside], rtol=1e-6, atol=1e-7)


def test_edges(library: ctypes.CDLL) -> None:
    got = np.empty(30)
    library.run_edges(pointer(got))
    nan = math.nan
    want = [
        nan, 0, 0, 1, 1.5, 2**32 - 1, 2, 2, -2, 3, -3, 2**31 - 1, 0, 0, 2**31 - 1, 1, 1, 1, 3.25, 0.25, 3, 1, -(2**31), 0.2, 7,
        1, math.inf, math.sqrt(2), 3.5, 9,
    ]  # fmt: skip
    np.testing.assert_allclose(got, want, rtol=1e-7)


def test_shuffles_and_votes(library: ctypes.CDLL) -> None:
    got = np.empty((22, 32), np.int32)
    library.run_shuffles(pointer(got))
    lanes = range(32)
    mask = lambda lane: sum(1 << k for k in lanes if k // 5 == lane // 5)  # noqa: E731
    want = [
        [50] * 32, [(n & ~7) + 1 for n in lanes], [n - 3 if n >= 3 else n for n in lanes], [n - 3 if n % 8 >= 3 else n for n in lanes],
        [n + 4 if n % 8 < 4 else n for n in lanes], list(lanes), [n ^ 16 for n in lanes], [n - 8 if n & 8 else n for n in lanes],
        [min(n + 1, 31) for n in lanes], [n ^ 1 for n in lanes], [sum(1 << k for k in range(0, 32, 3))] * 32, [1] * 32, [0] * 32,
        [mask(n) for n in lanes], [-1] * 32, [1] * 32, [496] * 32, [0] * 32, [0] * 32,
        [min(n + 1, 15) if n < 16 else -1 for n in lanes], [max(n - 1, 0) for n in lanes], [-1] * 32,
    ]  # fmt: skip
    for row, expected in enumerate(want):
        assert (got[row].astype(np.int64) % 2**32).tolist() == [v % 2**32 for v in expected], row
    votes = np.empty(96, np.int32)
    library.run_votes(pointer(votes))
    assert (votes == 48 * 100 + 0 + 1).all()


def test_atomics(library: ctypes.CDLL) -> None:
    got, old = np.empty(22), np.empty(256, np.int32)
    library.run_atomics(pointer(got), pointer(old))
    assert sorted(old.tolist()) == list(range(256))
    # 256 increments of a counter that wraps after 6 leave 256 % 7; the one that counts down from 9 is at 9 - (255 % 10)
    want = [256, 512, 256 * 2**33, 128, 64, -255, 255, 0, 65535, 0, 256 % 7, 9 - 255 % 10, 768, -5000000000 + 255, 256]
    assert got.tolist() == [*want, 256, 256, 256, 512, 3.5, 512, 1024]


def test_loads_and_address_spaces(library: ctypes.CDLL) -> None:
    x, h = np.arange(32, dtype=np.float32), np.arange(16, dtype=np.float16)
    y, g = np.zeros_like(x), np.zeros_like(h)
    library.run_loads(pointer(x), pointer(y), pointer(h), pointer(g))
    want = x.copy()
    want[::4] = x[::4] + x[3::4]
    assert np.array_equal(y, want)
    assert np.array_equal(g, h)
    inside = np.zeros(64, np.int32)
    library.run_shared_addresses(pointer(inside))
    assert inside.all()


def test_a_trap_and_a_failed_assert_end_the_launch(library: ctypes.CDLL) -> None:
    text = ctypes.create_string_buffer(300)
    assert library.run_failing(1, text, 300) == 1
    assert b"__trap" in text.value
    assert library.run_failing(0, text, 300) == 1
    assert b"threadIdx.x == 99" in text.value


def test_what_cuda_does_not_have_is_absent() -> None:
    source = "struct S { int a[3]; };\n__global__ void k(S* s, float4* f) { %s }\nEXPORT void run() {}\n"
    assert "__shfl_sync" in refusal(source % "s[1] = __shfl_sync(~0u, s[0], 1);")
    assert "operator+" in refusal(source % "f[0] = f[1] + f[2];")
    assert "atomicAdd" in refusal(source % "size_t n = 0; atomicAdd(&n, 1);")


@pytest.mark.parametrize(
    ("header", "name"),
    [("cublas_v2.h", "cuBLAS"), ("cudnn.h", "cuDNN"), ("cutlass/cutlass.h", "CUTLASS"), ("cusparse.h", "cuSPARSE")],
)
def test_libraries_are_refused_by_name(header: str, name: str) -> None:
    assert f"uses {name}, which the emulation does not have" in refusal(f"#include <{header}>\n")
