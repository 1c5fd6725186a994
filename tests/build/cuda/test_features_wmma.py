"""nvcuda::wmma: loads, products and stores for each element type and shape, against NumPy."""

import ctypes

import numpy as np
import pytest

from tests.build.cuda.emulated import features, pointer, refusal


@pytest.fixture(scope="module")
def library() -> ctypes.CDLL:
    return features()


def aligned(shape: tuple[int, int], dtype: type) -> np.ndarray:
    """An array at a multiple of 32 bytes, which fragments are loaded from."""
    count = int(np.prod(shape)) * np.dtype(dtype).itemsize
    raw = np.empty(count + 32, np.uint8)
    start = -raw.ctypes.data % 32
    return raw[start : start + count].view(dtype).reshape(shape)


@pytest.mark.parametrize(
    ("name", "storage", "result", "m", "n", "k", "column_major"),
    [
        ("half", np.float16, np.float32, 16, 16, 16, True),
        ("half_row", np.float16, np.float32, 32, 8, 16, False),
        ("half_half", np.float16, np.float16, 8, 32, 16, True),
        ("bfloat16", np.uint16, np.float32, 16, 16, 16, False),
        ("tf32", np.float32, np.float32, 16, 16, 8, False),
        ("double", np.float64, np.float64, 8, 8, 4, True),
        ("s8", np.int8, np.int32, 16, 16, 16, True),
    ],
)
def test_products(
    library: ctypes.CDLL, name: str, storage: type, result: type, m: int, n: int, k: int, column_major: bool
) -> None:
    rng = np.random.default_rng(7)
    left, right = rng.integers(-5, 6, (m, 2 * k)), rng.integers(-5, 6, (2 * k, n))
    a, b, c = (
        aligned((m, 2 * k), storage),
        aligned((n, 2 * k) if column_major else (2 * k, n), storage),
        aligned((m, n), result),
    )
    if name == "bfloat16":
        a[:], b[:] = ((v.astype(np.float32).view(np.uint32) >> 16).astype(np.uint16) for v in (left, right))
    else:
        a[:], b[:] = left, right.T if column_major else right
    getattr(library, f"run_{name}")(*(pointer(v) for v in (a, b, c)))
    # sums of 32 products of at most 25, doubled, stay below 2048: exact in every one of the types
    assert np.array_equal(c, (2 * (left @ right)).astype(result))


def test_unknown_shapes_and_elements_are_refused() -> None:
    text = "#include <mma.h>\nusing namespace nvcuda::wmma;\nfragment<matrix_a, 8, 8, %s, %s, row_major> f;\n"
    assert "uses wmma of sub-byte elements, which the emulation does not have" in refusal(
        text % ("32", "precision::s4")
    )
    assert "wmma has no such shape" in refusal(text % ("8", "__half"))
