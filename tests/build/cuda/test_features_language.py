"""Vector types, bit functions, mathematics, atomics and warp functions in kernels, against values known independently."""

import ctypes
import math

import numpy as np
import pytest

from tests.build.cuda.emulated import features, pointer, refusal


@pytest.fixture(scope="module")
def library() -> ctypes.CDLL:
    return features()


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
        nan, 0, 0, 1, 1.5, 2**32 - 1, 2, 2, -2, 3, -3, 2**31 - 1, 0, 0, 2**31 - 1, 1, 1, 1, 3.25, 0.25, 3, 1, -(2**31), 0.2,
        7, 1, math.inf, math.sqrt(2), 3.5, 9,
    ]  # fmt: skip
    np.testing.assert_allclose(got, want, rtol=1e-7)


def test_shuffles_and_votes(library: ctypes.CDLL) -> None:
    got = np.empty((22, 32), np.int32)
    library.run_shuffles(pointer(got))
    lanes = range(32)
    mask = lambda lane: sum(1 << k for k in lanes if k // 5 == lane // 5)  # noqa: E731
    want = [
        [50] * 32, [(n & ~7) + 1 for n in lanes],
        [n - 3 if n >= 3 else n for n in lanes], [n - 3 if n % 8 >= 3 else n for n in lanes],
        [n + 4 if n % 8 < 4 else n for n in lanes], list(lanes), [n ^ 16 for n in lanes],
        [n - 8 if n & 8 else n for n in lanes],
        [min(n + 1, 31) for n in lanes], [n ^ 1 for n in lanes],
        [sum(1 << k for k in range(0, 32, 3))] * 32, [1] * 32, [0] * 32,
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
