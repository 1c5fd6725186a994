"""Estimates worked out by hand, and notes for what is wasted."""

import pytest

from harness.devices.chips import chip
from harness.models import KernelProfile, Occupancy, StaticFacts
from harness.score.roofline import busy_lanes, coalescing, moved_bytes, passes_per_request, roofline

H100 = chip("H100 SXM")


def profile(kernel: str = "k", **counters: int) -> KernelProfile:
    return KernelProfile(kernel=kernel, launches=1, grid=(8, 1, 1), block=(256, 1, 1), counters=counters)


GOOD = {
    "global_load_sectors": 4_000_000, "global_load_bytes": 128_000_000, "global_store_sectors": 1_000_000,
    "global_store_bytes": 32_000_000, "lane_blocks": 100, "warp_block_slots": 100, "shared_load_requests": 10,
    "shared_load_passes": 10,
}  # fmt: skip


def test_memory_and_compute_against_the_data_sheet():
    found = roofline([profile(**GOOD)], H100, operations={"fp32": 67e9})
    assert found is not None
    assert found.gpu == "H100 SXM"
    assert found.memory_ns == round(5_000_000 * 32 / 3.35e12 * 1e9) == 47761
    assert found.compute_ns == 1_000_000  # 67 GFLOP at 67 TFLOP/s
    assert found.bound == "compute"
    assert found.efficiency_notes == []


def test_counted_arithmetic_comes_before_the_workloads():
    found = roofline([profile(**GOOD, fp32=67_000), profile(fp64=34_000)], H100, operations={"fp32": 67e9})
    assert found is not None
    assert found.compute_ns == 1  # a nanosecond each, in units that work beside each other
    assert found.bound == "memory"


def test_units_that_work_beside_each_other_wait_for_the_slowest():
    """67 TFLOP/s of fp32, 134 of fp16, a sixteenth of 67 T special functions, 989.5 TFLOP/s of tensor cores."""
    for counters, expected_us in (
        ({"fp32": 67_000_000, "fp16": 67_000_000}, 1.5),
        ({"fp32": 67_000_000, "special": 67_000_000}, 16),
        ({"fp32": 67_000_000, "tensor_fp16": 9_895_000_000}, 10),
    ):
        found = roofline([profile(**GOOD, **counters)], H100)
        assert found is not None
        assert found.compute_ns == round(expected_us * 1e3)


def test_without_arithmetic_the_estimate_says_so():
    found = roofline([profile(**GOOD)], H100)
    assert found is not None
    assert (found.compute_ns, found.bound) == (0, "memory")
    assert found.efficiency_notes == ["arithmetic was not counted: the estimate is of memory alone"]


def test_nothing_counted_is_no_estimate():
    assert roofline([profile()], H100) is None
    assert roofline([], H100) is None


def test_shares_of_a_kernel():
    kernel = profile(
        global_load_sectors=32, global_load_bytes=128, global_store_sectors=1, global_store_bytes=128,
        shared_store_requests=4, shared_store_passes=128, lane_blocks=16, warp_block_slots=64,
    )  # fmt: skip
    assert moved_bytes(kernel) == 33 * 32
    assert coalescing(kernel, "load") == 0.125  # 32 lanes, a sector and 4 bytes each
    assert coalescing(kernel, "store") == 1.0  # all lanes of a warp write one place
    assert passes_per_request(kernel, "store") == 32
    assert passes_per_request(kernel, "load") is None
    assert busy_lanes(kernel) == 0.25
    assert coalescing(profile(), "load") is None
    assert busy_lanes(profile()) is None


@pytest.mark.parametrize(
    ("counters", "note"),
    [
        (
            {"global_load_sectors": 32, "global_load_bytes": 128},
            "k: 12% of the bytes that its global loads move are used",
        ),
        (
            {"global_store_sectors": 32, "global_store_bytes": 128},
            "k: 12% of the bytes that its global stores move are used",
        ),
        (
            {"shared_load_requests": 1, "shared_load_passes": 32},
            "k: shared loads take 32.0 passes each",
        ),
        ({"shared_store_requests": 2, "shared_store_passes": 4}, "k: shared stores take 2.0 passes each"),
        ({"lane_blocks": 8, "warp_block_slots": 32}, "k: 25% of the lanes are busy"),
    ],
)
def test_waste_is_one_line_with_advice(counters: dict[str, int], note: str):
    found = roofline([profile(**counters)], H100, operations={"fp32": 1e9})
    assert found is not None
    assert [line.startswith(note) for line in found.efficiency_notes] == [True]
    assert ": " in found.efficiency_notes[0].removeprefix("k: ")
    assert "\n" not in found.efficiency_notes[0]


def test_what_the_compiler_decided_is_waste_too():
    low = Occupancy(blocks_per_sm=1, warps_per_sm=8, share=0.125, limited_by="registers")
    none = Occupancy(blocks_per_sm=0, warps_per_sm=0, share=0, limited_by="2048 threads per block; H100 SXM takes 1024")
    facts = [
        StaticFacts(kernel="k", arch="sm_90", registers=168, spill_store_bytes=8, spill_load_bytes=4, occupancy=low),
        StaticFacts(kernel="k", arch="sm_80", registers=168, spill_store_bytes=8),
        StaticFacts(kernel="huge", arch="sm_90", registers=16, occupancy=none),
        StaticFacts(kernel="unused", arch="sm_90", registers=16, spill_store_bytes=4),
    ]
    found = roofline([profile(**GOOD), profile("huge")], H100, facts, {"fp32": 1e9})
    assert found is not None
    assert found.efficiency_notes == [
        "k: 12 bytes of spill code at 168 registers per thread (sm_90):"
        " keep fewer values alive, or loosen __launch_bounds__ or maxrregcount",
        "k: occupancy 12% on H100 SXM, limited by 168 registers per thread",
        "huge: cannot be launched on H100 SXM: 2048 threads per block; H100 SXM takes 1024",
    ]
