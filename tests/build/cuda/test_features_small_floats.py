"""__half and __nv_bfloat16: every conversion, and operations rounded once, against NumPy and exact arithmetic."""

import ctypes
from fractions import Fraction

import numpy as np
import pytest

from tests.build.cuda.emulated import features, pointer


@pytest.fixture(scope="module")
def library() -> ctypes.CDLL:
    return features()


def bfloat16_bits(values: np.ndarray) -> np.ndarray:
    """Round float32 to nearest even, as the format defines it."""
    bits = values.astype(np.float32).view(np.uint32).astype(np.uint64)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)


def from_bfloat16(bits: np.ndarray) -> np.ndarray:
    return (bits.astype(np.uint32) << 16).view(np.float32)


def same(got: np.ndarray, want: np.ndarray) -> None:
    assert np.array_equal(np.isnan(got), np.isnan(want))
    numbers = ~np.isnan(want)
    assert np.array_equal(got[numbers], want[numbers])
    assert np.array_equal(np.signbit(got[numbers]), np.signbit(want[numbers]))


def test_half_widens_every_value(library: ctypes.CDLL) -> None:
    every = np.arange(65536, dtype=np.uint16)
    got = np.empty(65536, np.float32)
    library.half_widen(pointer(every), pointer(got), 65536)
    same(got, every.view(np.float16).astype(np.float32))


def test_half_rounds_in_each_direction(library: ctypes.CDLL) -> None:
    rng = np.random.default_rng(3)
    values = (rng.standard_normal(20000) * 10.0 ** rng.integers(-9, 6, 20000)).astype(np.float32)
    values[:6] = [0.0, -0.0, np.inf, -np.inf, np.nan, 65520.0]
    got = np.empty((4, values.size), np.float16)
    library.half_narrow(pointer(values), pointer(got), values.size)
    with np.errstate(over="ignore"):
        same(got[0], values.astype(np.float16))
    wide = got.astype(np.float64)
    exact = values.astype(np.float64)
    numbers = ~np.isnan(values)
    assert (np.abs(wide[1]) <= np.abs(exact))[numbers].all()
    assert (wide[2] >= exact)[numbers].all()
    assert (wide[3] <= exact)[numbers].all()
    # each directed result is the nearest on its side: one more step would pass the exact value
    finite = numbers & np.isfinite(wide[2]) & np.isfinite(wide[3])
    with np.errstate(over="ignore"):
        assert (np.nextafter(got[2], np.float16(-np.inf)).astype(np.float64) < exact)[finite].all()
        assert (np.nextafter(got[3], np.float16(np.inf)).astype(np.float64) > exact)[finite].all()


def test_bfloat16_rounds_in_each_direction(library: ctypes.CDLL) -> None:
    rng = np.random.default_rng(4)
    values = (rng.standard_normal(20000) * 10.0 ** rng.integers(-30, 30, 20000)).astype(np.float32)
    got = np.empty((4, values.size), np.uint16)
    library.bfloat16_narrow(pointer(values), pointer(got), values.size)
    assert np.array_equal(got[0], bfloat16_bits(values))
    truncated = (values.view(np.uint32) >> 16).astype(np.uint16)
    assert np.array_equal(got[1], truncated)
    assert (from_bfloat16(got[2]) >= values).all()
    assert (from_bfloat16(got[3]) <= values).all()
    assert np.array_equal(np.where(values > 0, got[3], got[2]), truncated)


def test_half_operations_round_once(library: ctypes.CDLL) -> None:
    """NumPy rounds float16 operations from float32, which amounts to one rounding; fma is compared with exact values."""
    rng = np.random.default_rng(5)
    a, b, c = rng.integers(0, 65536, (3, 20000)).astype(np.uint16).view(np.float16)
    b[:500], c[:500] = a[:500], -a[:500]
    got = np.empty((10, a.size), np.float16)
    library.half_binary(pointer(a), pointer(b), pointer(c), pointer(got), a.size)
    with np.errstate(all="ignore"):
        for row, want in enumerate((a + b, a - b, a * b, a / b)):
            same(got[row], want)
        same(got[9], np.sqrt(a))
        assert np.array_equal(got[7] != 0, a < b)
        assert np.array_equal(got[8] != 0, a != b)
        same(got[5], np.fmax(a, b))
        same(got[6], np.fmin(a, b))
    for i in range(4000):
        check_fma(got[4][i], a[i], b[i], c[i])


def check_fma(got: np.float16, a: np.float16, b: np.float16, c: np.float16) -> None:
    if not np.isfinite([a, b, c]).all() or not np.isfinite(got):
        return
    exact = Fraction(float(a)) * Fraction(float(b)) + Fraction(float(c))
    error = abs(exact - Fraction(float(got)))
    for direction in (-np.inf, np.inf):
        other = np.nextafter(got, np.float16(direction))
        if np.isfinite(other):
            assert error <= abs(exact - Fraction(float(other)))


def test_bfloat16_operations_round_once(library: ctypes.CDLL) -> None:
    rng = np.random.default_rng(6)
    a, b, c = bfloat16_bits(rng.standard_normal((3, 20000)) * 100)
    got = np.empty((10, a.size), np.uint16)
    library.bfloat16_binary(pointer(a), pointer(b), pointer(c), pointer(got), a.size)
    wide_a, wide_b = from_bfloat16(a), from_bfloat16(b)
    for row, want in enumerate((wide_a + wide_b, wide_a - wide_b, wide_a * wide_b, wide_a / wide_b)):
        assert np.array_equal(got[row], bfloat16_bits(want))  # float32 has more than twice the digits: rounded once
    exact = wide_a.astype(np.float64) * wide_b + from_bfloat16(c)  # 16 + 8 bits close in size: exact in float64
    error = np.abs(from_bfloat16(got[4]) - exact)
    for step in (1, -1):
        other = (got[4].astype(np.int32) + step).astype(np.uint16)
        assert (error <= np.abs(from_bfloat16(other) - exact)).all()


def test_pairs(library: ctypes.CDLL) -> None:
    a, b = np.array([1.5, 2.0], np.float16), np.array([0.25, 3.0], np.float16)
    got = np.empty(10, np.float32)
    library.pairs(pointer(a), pointer(b), pointer(got))
    # sums, fused products plus one, low after a swap, both greater, low greater, a bfloat16 square, -2.25, a mask
    assert got.tolist() == [1.75, 5.0, 1.375, 7.0, 2.0, 0.0, 1.0, 2.25, -2.25, 0.0]


def test_integers(library: ctypes.CDLL) -> None:
    got = np.empty(12, np.int32)
    library.integers(pointer(got))
    two_thousand_and_forty_eight, two_thousand_and_fifty, infinity = 0x6800, 0x6801, 0x7C00
    assert got.tolist() == [
        -2, 2, 3, 2**31 - 1, 0, 0, two_thousand_and_forty_eight, two_thousand_and_fifty, infinity, 0x1234, 4, 4,
    ]  # fmt: skip
