"""Under the checks, correct uses of every feature give no finding, and wrong uses are found at their line."""

import ctypes
from pathlib import Path

import numpy as np
import pytest
import torch

from harness.models import FindingKind as Kind
from tests.build.cuda import (
    test_features_cub,
    test_features_groups,
    test_features_language,
    test_features_libraries,
    test_features_ptx,
    test_features_wmma,
)
from tests.build.cuda.emulated import Checked, features, kernels, source

CORRECT = {
    "cub.cu": [test_features_cub.test_block_and_warp_primitives],
    "groups.cu": [
        test_features_groups.test_tiles_of_a_block,
        test_features_groups.test_coalesced_groups_and_partitions,
        test_features_groups.test_grid_sync_orders_all_blocks,
        test_features_groups.test_memcpy_async_is_there_after_the_wait,
    ],
    "language.cu": [
        test_features_language.test_shuffles_and_votes,
        test_features_language.test_atomics,
        test_features_language.test_loads_and_address_spaces,
    ],
    "libraries.cu": [
        test_features_libraries.test_barriers_and_atomics,
        test_features_libraries.test_pipelines_of_two_stages,
    ],
    "ptx.cu": [test_features_ptx.test_memory_and_shuffles, test_features_ptx.test_products_of_tensor_cores],
}


@pytest.fixture(scope="module")
def checked() -> Checked:
    return Checked(features(checked=True))


@pytest.mark.parametrize("name", CORRECT)
def test_correct_kernels_give_no_finding(checked: Checked, name: str) -> None:
    for test in CORRECT[name]:
        test(checked.library)
        assert checked.findings() == [], test.__name__


def test_correct_matrix_products_give_no_finding(checked: Checked) -> None:
    test_features_wmma.test_products(checked.library, "half", np.float16, np.float32, 16, 16, 16, True)
    assert checked.findings() == []


EXPECTED = {
    "beyond_ldg": Kind.OUT_OF_BOUNDS,
    "beyond_atomic": Kind.OUT_OF_BOUNDS,
    "beyond_ptx": Kind.OUT_OF_BOUNDS,
    "reused_storage": Kind.RACE,
    "no_wait": Kind.UNINITIALISED_SHARED,  # the first thread reads what the others have not copied yet
}
MISTAKES = Path(__file__).parent / "sources" / "mistakes.cu"
PLANTED = [
    (line.split("MISTAKE ")[1].strip(), number)
    for number, line in enumerate(MISTAKES.read_text().splitlines(), 1)
    if "MISTAKE " in line
]


@pytest.fixture(scope="module")
def wrong(allocator: ctypes.CDLL) -> Checked:
    return Checked(kernels(source("mistakes.cu"), checked=True), allocator)


@pytest.mark.parametrize(("name", "line"), PLANTED)
def test_mistakes_are_found_at_their_line(wrong: Checked, name: str, line: int) -> None:
    x, out = torch.ones(64), torch.zeros(64)
    getattr(wrong.library, name)(ctypes.c_void_p(x.data_ptr()), ctypes.c_void_p(out.data_ptr()))
    found = wrong.findings()
    assert EXPECTED[name] in {f.kind for f in found}
    assert f"kernels.cu:{line}" in {f.where for f in found}, found
