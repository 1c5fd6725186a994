"""Inline PTX: arithmetic, logic, memory, shuffles and tensor-core products, against NumPy."""

import ctypes
import re
from pathlib import Path

import numpy as np
import pytest

import harness.build.cuda
from tests.build.cuda.emulated import features, pointer


@pytest.fixture(scope="module")
def library() -> ctypes.CDLL:
    return features()


def test_floats(library: ctypes.CDLL) -> None:
    x = (np.random.default_rng(1).standard_normal(128) * 3).astype(np.float32)
    got = np.empty((15, 128), np.float32)
    library.run_floats(pointer(x), pointer(got), 128)
    a, b = x.astype(np.float64), np.roll(x, -1).astype(np.float64)
    want = [
        a + b, a * b + 0.25, 2**a, np.log2(a * a), 1 / a, 1 / np.abs(a), np.tanh(a),
        np.minimum(a, b), np.abs(a), np.where(a < 0, b, a),
        a * 0.5 + 1, np.abs(a), a * 4, np.rint(a), np.where(a >= 0.25, 2 * a, 0.25),
    ]  # fmt: skip
    for row, expected in enumerate(want):
        np.testing.assert_allclose(got[row], expected, rtol=2e-6, atol=2e-6, err_msg=str(row))


def signed(v: int, width: int = 32) -> int:
    return v - (1 << width) if v >> (width - 1) & 1 else v


def test_integers(library: ctypes.CDLL) -> None:
    a, b = np.random.default_rng(2).integers(0, 2**32, (2, 64), dtype=np.uint64).astype(np.uint32)
    got = np.empty((18, 64), np.uint32)
    library.run_integers(pointer(a), pointer(b), pointer(got), 64)
    for i, (x, y) in enumerate(zip(a.tolist(), b.tolist(), strict=True)):
        products = [signed(x >> s & 255, 8) * (y >> s & 255) for s in (0, 8, 16, 24)]
        want = [
            (x & y) | (x + y), (x & 0xFFFF) | (y & 0xFFFF) << 16, x >> 4 & 0x7FF, signed(x >> 4 & 0x7FF, 11),
            (y & ~(0xFFF << 8)) | (x & 0xFFF) << 8, x * y >> 32, x * y + 5, signed(x) >> 3, 0, x.bit_count(),
            32 - x.bit_length(),
            min(signed(x), signed(y)), x * y >> 20, x >> 16 | (x & 0xFFFF) << 16, sum(products) + 1,
            (x + y) >> 32, 2**32 - 1, -x,
        ]  # fmt: skip
        assert got[:, i].tolist() == [v % 2**32 for v in want], (x, y)


def test_halves_and_conversions(library: ctypes.CDLL) -> None:
    rng = np.random.default_rng(3)
    a, b = rng.standard_normal((2, 64)).astype(np.float16)
    got = np.empty((6, 32), np.uint32)
    library.run_halves(pointer(a), pointer(b), pointer(got))
    fused = (a.astype(np.float64) * b + a).astype(np.float16)  # 22 and 11 bits of like size: exact before the rounding
    assert np.array_equal(got[0].view(np.float16), fused)
    left, right = (v.view(np.uint16).astype(np.uint32) << 16 for v in (a, b))
    assert np.array_equal(
        (got[1].view(np.uint16).astype(np.uint32) << 16).view(np.float32),
        np.maximum(left.view(np.float32), right.view(np.float32)),
    )
    t = np.arange(32)
    assert np.array_equal(got[2].view(np.float16).reshape(32, 2), np.stack([t * 0 + 0.5, t], 1).astype(np.float16))
    exact = 1 + t.astype(np.float32) * np.float32(0.0001)
    assert (got[3] & 0x1FFF == 0).all()
    assert (np.abs(got[3].view(np.float32) - exact) <= 2.0**-11).all()
    assert np.array_equal(got[4].astype(np.uint16).view(np.float16), (t + 0.25).astype(np.float16))
    assert np.array_equal(got[5].astype(np.int32), -t)


def test_memory_and_shuffles(library: ctypes.CDLL) -> None:
    x = np.arange(128, dtype=np.float32).reshape(32, 4)
    y, sums = np.zeros_like(x), np.zeros(67, np.int32)
    library.run_memory(pointer(x), pointer(y), pointer(sums))
    copied = x.copy()
    copied[::4, 2:] = 0  # eight of sixteen bytes were given; the rest is filled with zeros
    assert np.array_equal(y, copied[np.arange(32) ^ 1])
    assert sums[:3].tolist() == [int(x[:, 1].sum()), 64, 7]
    assert np.array_equal(sums[3:35], np.arange(32) ^ 3)
    assert np.array_equal(sums[35:], np.where(np.arange(32) < 28, np.arange(32) + 4, 99))


def test_products_of_tensor_cores(library: ctypes.CDLL) -> None:
    rng = np.random.default_rng(4)
    a, b = rng.standard_normal((16, 16)).astype(np.float16), rng.standard_normal((16, 8)).astype(np.float16)
    c = np.empty((16, 8), np.float32)
    library.run_product(pointer(a), pointer(b), pointer(c))
    np.testing.assert_allclose(c, a.astype(np.float64) @ b.astype(np.float64) + 1, rtol=1e-5, atol=1e-5)
    left, right = rng.integers(-8, 8, (16, 8)).astype(np.float32), rng.integers(-8, 8, (8, 8)).astype(np.float32)
    bytes_a, bytes_b = (
        rng.integers(-128, 128, (16, 32)).astype(np.int8),
        rng.integers(-128, 128, (32, 8)).astype(np.int8),
    )
    d = np.empty((16, 8), np.int32)
    library.run_others(pointer(left), pointer(right), pointer(c), pointer(bytes_a), pointer(bytes_b), pointer(d))
    assert np.array_equal(c, left @ right)
    assert np.array_equal(d, bytes_a.astype(np.int32) @ bytes_b.astype(np.int32) + 3)


def test_unknown_instructions_are_refused_by_name(library: ctypes.CDLL) -> None:
    text = ctypes.create_string_buffer(200)
    assert library.run_unknown(text, 200) == 1
    assert b"uses PTX instruction wgmma.fence.sync.aligned, which the emulation does not have" in text.value


def test_the_list_of_opcodes_is_what_is_decoded() -> None:
    """The translator refuses by the list; an opcode that is listed but decoded nowhere would fail at run time only."""
    folder = Path(harness.build.cuda.__file__).parent
    listed = [v for v in (folder / "ptx_opcodes.txt").read_text().split("\n") if v and v[0] != "#"]
    decoders = "".join(path.read_text() for path in sorted((folder / "runtime").glob("ptx_*.cpp")))
    assert len(listed) > 60
    for opcode in listed:
        for part in opcode.split("."):
            assert re.search(rf'"{part}"', decoders), opcode
