"""Cooperative groups: tiles, coalesced groups, partitions, the grid, and collective functions."""

import ctypes

import numpy as np
import pytest

from tests.build.cuda.emulated import features, pointer, refusal


@pytest.fixture(scope="module")
def library() -> ctypes.CDLL:
    return features()


def test_tiles_of_a_block(library: ctypes.CDLL) -> None:
    got = np.empty((20, 64), np.int32)
    library.run_tiles(pointer(got))
    t = np.arange(64)
    base, rank = t & ~7, t & 7
    alike = [
        sum(1 << k for k in range(8) if (b + k) // 3 % 2 == n // 3 % 2)
        for n, b in zip(t.tolist(), base.tolist(), strict=True)
    ]
    want = [
        t // 32, t * 0 + 2, rank, t // 8, rank // 2, base + 3,
        np.where(rank < 6, t + 2, t), np.where(rank >= 2, t - 2, t), base + (rank ^ 5),
        t * 0 + 0xAA, t < 8, t < 40, alike, base * 8 + 28, t // 32 * 32 + 31, (base + t) * (rank + 1) // 2, rank,
        (base + 6) * 3 - 3, 1600 + t % 16, base * 7,
    ]  # fmt: skip
    for row, expected in enumerate(want):
        assert np.array_equal(got[row], np.asarray(expected).astype(np.int32)), row


def test_coalesced_groups_and_partitions(library: ctypes.CDLL) -> None:
    got = np.empty((13, 32), np.int32)
    library.run_coalesced(pointer(got))
    thirds = np.arange(0, 32, 3)
    want = [
        11,
        np.arange(11),
        6,
        np.minimum(thirds + 3, 30),
        thirds.sum(),
        sum(1 << k for k in range(5, 11)),
        np.arange(1, 12),
    ]
    for row, expected in enumerate(want):
        assert (got[row][thirds] == expected).all(), row
    t = np.arange(32)
    sums = np.array([t[t % 4 == k].sum() for k in range(4)])
    for row, expected in enumerate([8, t // 4, t % 4, sums[t % 4], np.where(t < 10, 10, 22), t >= 10]):
        assert (got[7 + row] == expected).all(), row


def test_grid_sync_orders_all_blocks(library: ctypes.CDLL) -> None:
    n = 256
    data = np.arange(n, dtype=np.int32)
    assert library.run_grid(pointer(data), n) == 0
    assert np.array_equal(data, np.roll(np.arange(n), -3) + 3)


def test_memcpy_async_is_there_after_the_wait(library: ctypes.CDLL) -> None:
    x = np.arange(512, dtype=np.float32)
    y = np.empty_like(x)
    library.run_staged(pointer(x), pointer(y))
    assert np.array_equal(y, x.reshape(2, 256)[:, ::-1].ravel())


def test_large_tiles_are_refused_by_name() -> None:
    text = (
        "#include <cooperative_groups.h>\n"
        "void f() { cooperative_groups::tiled_partition<64>(cooperative_groups::this_thread_block()).sync(); }\n"
    )
    assert "uses tiles of more than 32 threads, which the emulation does not have" in refusal(text)
