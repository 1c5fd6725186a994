"""CUB's block, warp and device primitives against NumPy."""

import ctypes

import numpy as np
import pytest

from tests.build.cuda.emulated import features, pointer


@pytest.fixture(scope="module")
def library() -> ctypes.CDLL:
    return features()


def test_block_and_warp_primitives(library: ctypes.CDLL) -> None:
    rng = np.random.default_rng(1)
    x, k = rng.standard_normal(256).astype(np.float32), rng.integers(-50, 50, 128).astype(np.int32)
    out, ints = np.zeros(3 + 256, np.float32), np.zeros((11, 128), np.int32)
    library.run_blocks(pointer(x), pointer(k), pointer(out), pointer(ints), 77)
    np.testing.assert_allclose(out[:3], [x[:128].sum(), x[:128].max(), x[:77].sum()], rtol=1e-4, atol=1e-5)
    before = np.cumsum(k) - k
    want = [np.cumsum(k), before, np.full(128, k.sum()), np.maximum.accumulate(k), before + 100]
    for row, expected in enumerate(want):
        assert np.array_equal(ints[row], expected), row
    assert np.array_equal(out[3:], np.sort(x)[::-1])
    assert np.array_equal(ints[5:7].T.ravel(), np.argsort(-x, kind="stable"))
    t = np.arange(128)
    assert np.array_equal(ints[7], np.where(t % 16 == 0, np.repeat(k.reshape(8, 16).sum(1), 16), -1))
    assert np.array_equal(ints[8], (np.cumsum(k.reshape(4, 32), 1) - k.reshape(4, 32)).ravel())
    assert np.array_equal(ints[9:].T.ravel(), np.arange(256))


def test_device_primitives(library: ctypes.CDLL) -> None:
    n = 1000
    x = np.random.default_rng(2).standard_normal(n).astype(np.float32)
    out, order = np.zeros(10 + 4 * n, np.float32), np.zeros(n, np.int32)
    offsets = np.array([0, 10, 500, 1000], np.int32)
    assert library.run_device(pointer(x), pointer(out), pointer(offsets), pointer(order), n) == 0
    segments = [x[a:b].sum() for a, b in ((0, 10), (10, 500), (500, 1000))]
    want = [x.sum(), x.max(), x.min(), x.argmax(), *segments, (x.astype(np.float64) ** 2).sum(), (x > 0).sum()]
    np.testing.assert_allclose(out[:9], want, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(out[10 : 10 + n], np.cumsum(x.astype(np.float64)), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(out[10 + n : 10 + 2 * n], np.cumsum(x.astype(np.float64)) - x, rtol=1e-4, atol=1e-4)
    assert np.array_equal(out[10 + 2 * n : 10 + 3 * n], np.sort(x))
    assert np.array_equal(order, np.argsort(x, kind="stable"))
    assert np.array_equal(out[10 + 3 * n :][: (x > 0).sum()], x[x > 0])
