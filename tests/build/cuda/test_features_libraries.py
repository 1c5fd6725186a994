"""libcu++ barriers, pipelines and atomics; cuRAND in kernels; 8-bit floats; Thrust."""

import ctypes

import numpy as np
import pytest
import torch

from tests.build.cuda.emulated import features, pointer


@pytest.fixture(scope="module")
def library() -> ctypes.CDLL:
    return features()


def test_barriers_and_atomics(library: ctypes.CDLL) -> None:
    out = np.zeros(194, np.int32)
    library.run_barriers(pointer(out))
    assert np.array_equal(out[:192].reshape(3, 64), 63 - np.arange(64) + np.arange(3)[:, None])
    assert out[192:].tolist() == [128, 63]


def test_pipelines_of_two_stages(library: ctypes.CDLL) -> None:
    x = np.arange(640, dtype=np.float32)
    y = np.zeros_like(x)
    library.run_pipelined(pointer(x), pointer(y), 10)
    assert np.array_equal(y, x.reshape(10, 64)[:, ::-1].ravel())


def philox(counter: list[int], key: list[int]) -> list[int]:
    """Philox 4x32-10 as Salmon et al. define it."""
    k0, k1 = key
    x, y, z, w = counter
    for _ in range(10):
        a, b = 0xD2511F53 * x, 0xCD9E8D57 * z
        x, y, z, w = (b >> 32) ^ y ^ k0, b & 0xFFFFFFFF, (a >> 32) ^ w ^ k1, a & 0xFFFFFFFF
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return [x, y, z, w]


def test_random_numbers(library: ctypes.CDLL) -> None:
    n = 20000
    words, uniform, normal = np.zeros(8, np.uint32), np.zeros(n, np.float32), np.zeros(n, np.float32)
    library.run_random(pointer(words), pointer(uniform), pointer(normal), n)
    assert words.tolist() == [*philox([0, 0, 0, 0], [1234, 0]), *philox([1, 0, 0, 0], [1234, 0])]
    # known answer of the generator's authors: counter and key zero
    assert philox([0] * 4, [0, 0]) == [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]
    assert ((uniform > 0) & (uniform <= 1)).all()
    # five standard errors of the mean and of the deviation of 20000 numbers
    assert abs(uniform.mean() - 0.5) < 5 * 0.2887 / n**0.5
    assert abs(normal.mean()) < 5 / n**0.5
    assert abs(normal.std() - 1) < 5 / (2 * n) ** 0.5


def test_eight_bit_floats(library: ctypes.CDLL) -> None:
    rng = np.random.default_rng(1)
    x = (rng.standard_normal(20000) * 10.0 ** rng.integers(-7, 6, 20000)).astype(np.float32)
    x[:8] = [0, -0.0, np.inf, -np.inf, np.nan, 448, 464, 57344]
    bits, back = np.zeros((4, x.size), np.uint8), np.zeros((2, x.size), np.float32)
    library.run_fp8(pointer(x), pointer(bits), pointer(back), x.size)
    for row, dtype, greatest in ((0, torch.float8_e4m3fn, 448), (1, torch.float8_e5m2, 57344)):
        clipped = torch.from_numpy(np.clip(x, -greatest, greatest))
        want = clipped.to(dtype).float().numpy()
        np.testing.assert_array_equal(back[row], want)
        assert np.array_equal(np.signbit(back[row]), np.signbit(want))
    inside = np.abs(x) <= 448
    assert np.array_equal(bits[2][inside], bits[0][inside])
    assert (bits[2][np.abs(x) > 464] & 0x7F == 0x7F).all()  # without saturation: NaN, there is no infinity
    assert (bits[3][np.abs(x) > 61440] & 0x7F == 0x7C).all()  # without saturation: infinity


def test_thrust(library: ctypes.CDLL) -> None:
    x = np.random.default_rng(2).standard_normal(500).astype(np.float32)
    outs = [np.zeros_like(x) for _ in range(3)]
    total = np.zeros(1, np.float32)
    library.run_thrust(pointer(x), *(pointer(v) for v in outs), pointer(total), x.size)
    np.testing.assert_allclose(total[0], x.sum(), rtol=1e-4)
    assert np.array_equal(outs[0], np.sort(x)[::-1])
    np.testing.assert_allclose(outs[1], np.cumsum(x) - x, rtol=1e-3, atol=1e-4)
    assert np.array_equal(outs[2], 2 * x)
