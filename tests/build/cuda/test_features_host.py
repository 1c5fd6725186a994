"""The runtime API on the host: memory, symbols, events, launches by call, attributes and occupancy."""

import ctypes

import numpy as np
import pytest

from tests.build.cuda.emulated import features


@pytest.fixture(scope="module")
def library() -> ctypes.CDLL:
    return features()


def test_memory_symbols_and_events(library: ctypes.CDLL) -> None:
    x = np.arange(100, dtype=np.float32)
    y = np.empty_like(x)
    assert library.run_host_memory(ctypes.c_void_p(x.ctypes.data), ctypes.c_void_p(y.ctypes.data), 100) == 0
    assert np.array_equal(y, x * (np.arange(100) % 4 + 1) + 7)


def test_launches_and_their_errors(library: ctypes.CDLL) -> None:
    y = np.zeros(8, np.float32)
    assert library.run_launches(ctypes.c_void_p(y.ctypes.data)) == 0


def test_the_device_is_the_one_of_the_options(library: ctypes.CDLL) -> None:
    got = np.zeros(12, np.int32)
    library.run_host_device(ctypes.c_void_p(got.ctypes.data))
    # without a page: 132 SMs of sm_90; 2048 threads fit an SM; 228 KiB of shared memory hold two blocks of 101 KiB
    assert got.tolist() == [0, 1, 132, 132, 1024, 32, 90, 8, 264, 1024, 2, 0]


def test_a_kernel_without_its_types_is_refused(library: ctypes.CDLL) -> None:
    text = ctypes.create_string_buffer(200)
    assert library.run_void_pointer(text, 200) == 1
    assert b"which the emulation does not have" in text.value
