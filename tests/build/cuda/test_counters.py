"""Counters against what the hardware's rules give on paper: 32 lanes, sectors of 32 bytes, 32 banks of 4 bytes."""

from collections.abc import Callable

import pytest
import torch

from tests.build.cuda.conftest import Kernels

N = 1024


@pytest.fixture(scope="session")
def kernels_counted(kernels: Callable[[str, bool], Kernels]) -> Kernels:
    return kernels("counters.cpp", True)


def counters(library: Kernels, name: str, **options: int) -> dict[str, int]:
    x, y = torch.ones(N), torch.zeros(N)
    library.run(name, x, y, **({"count": 1, "check": 0} | options))
    [profile] = library.profiles()
    assert profile.kernel == name
    return profile.counters


PAPER = {
    "coalesced": {
        # 4 blocks of 8 warps; 32 lanes of 4 bytes fill 4 sectors
        "global_load_requests": 32, "global_load_sectors": 128, "global_load_bytes": 4096,
        "global_store_requests": 32, "global_store_sectors": 128, "global_store_bytes": 4096,
    },
    "strided": {"global_load_requests": 4, "global_load_sectors": 128, "global_load_bytes": 512},
    "broadcast": {"global_load_requests": 4, "global_load_sectors": 4, "global_load_bytes": 512},
    "shifted": {"global_load_requests": 4, "global_load_sectors": 20},  # 128 bytes that begin 4 bytes into a sector
    "fours": {"global_load_requests": 8, "global_load_sectors": 128, "global_store_sectors": 128},
    "scaled_fours": {"global_load_requests": 8, "global_load_sectors": 128, "global_store_requests": 8},
    "bank_by_bank": {"shared_store_requests": 1, "shared_store_passes": 1, "shared_load_passes": 1},
    "two_by_two": {"shared_store_passes": 2, "shared_load_passes": 2},
    "one_bank": {"shared_store_requests": 1, "shared_store_passes": 32, "shared_load_passes": 32},
    "padded_columns": {"shared_store_passes": 1, "shared_load_passes": 1},
    "wide_shared": {"shared_store_requests": 1, "shared_store_passes": 4, "shared_load_passes": 4},  # by quarters of a warp
    "meetings": {"barriers": 32, "warp_operations": 80, "atomics": 512},  # 16 warps: 2 barriers, 5 shuffles; 512 lanes
}  # fmt: skip


@pytest.mark.parametrize("order", range(3))
@pytest.mark.parametrize("name", PAPER)
def test_counters_are_those_on_paper(kernels_counted: Kernels, name: str, order: int):
    found = counters(kernels_counted, name, order=order, seed=2)
    assert {key: found[key] for key in PAPER[name]} == PAPER[name]


def efficiency(found: dict[str, int]) -> float:
    return found["lane_blocks"] / found["warp_block_slots"]


def test_divergence_shows_as_lanes_that_wait(kernels_counted: Kernels):
    """A thousand rounds outweigh the few blocks that all lanes execute: 1/2 and 1/32 within 2 %."""
    assert efficiency(counters(kernels_counted, "together")) == 1
    assert efficiency(counters(kernels_counted, "half_and_half")) == pytest.approx(0.5, rel=0.02)
    assert efficiency(counters(kernels_counted, "alone")) == pytest.approx(1 / 32, rel=0.1)


def test_a_part_of_the_blocks_is_counted_and_scaled(kernels_counted: Kernels):
    x, y = torch.ones(N), torch.zeros(N)
    kernels_counted.run("coalesced", x, y, count=1, count_blocks=1)
    [profile] = kernels_counted.profiles()
    assert profile.counted_share == 0.25
    assert profile.counters["global_load_bytes"] == 4096, "1,024 bytes of one block of four"
    assert torch.equal(x, y), "all blocks ran"


def test_launches_are_recorded_without_counters_too(kernels_counted: Kernels):
    x, y = torch.ones(N), torch.zeros(N)
    kernels_counted.run("one_bank", x, y)
    [profile] = kernels_counted.profiles()
    assert (profile.grid, profile.block, profile.launches) == ((1, 1, 1), (32, 1, 1), 1)
    assert profile.static_shared_bytes == (32 * 32 + 32) * 4
    assert profile.counters == {}


LANES = 4 * 256
ARITHMETIC = {
    "singles": {"fp32": 200 * LANES},  # a multiplication and an addition per round
    "doubles": {"fp64": 200 * LANES},
    "halves": {"fp16": 200 * LANES},
    "brains": {"bf16": 300 * LANES},  # fused once more per round, by name
    "logistic": {"special": 2 * LANES, "fp32": LANES},  # an exponential, a division, a sum; the sign is no arithmetic
    "branches": {"fp32": 800},  # eight lanes of 256
}


@pytest.mark.parametrize("name", ARITHMETIC)
def test_arithmetic_by_type_is_that_on_paper(kernels_counted: Kernels, name: str):
    x, y = torch.ones(N), torch.zeros(N)
    kernels_counted.run(name, x, y, count=1, check=0)
    found = kernels_counted.arithmetic()
    del found["integer"]  # of indices and loops, which no paper has
    assert found == ARITHMETIC[name]


def test_a_matrix_product_is_counted_by_the_type_of_its_operands(kernels_counted: Kernels):
    found = counters(kernels_counted, "product")
    assert found["tensor_fp16"] == 2 * 2 * 16**3, "two warps, a multiply-add being two"
    assert found["tensor_bf16"] == found["tensor_tf32"] == 0
