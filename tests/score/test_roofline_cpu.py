"""The roofline of timed CPU kernels, against numbers worked out by hand."""

import pytest

from harness.devices.peaks import Peaks
from harness.models import Roofline
from harness.score.roofline_cpu import Work, cpu_roofline, memory_time, moving_ns

GB = 1e9
DRAM = {"read": 10 * GB, "write": 8 * GB, "copy": 12 * GB, "triad": 12 * GB}
PEAKS = Peaks(
    machine={},
    threads=1,
    cache_bytes={"l2": 1_000_000, "llc": 10_000_000},
    bytes_per_s={level: {kind: scale * rate for kind, rate in DRAM.items()} for level, scale in
                 {"l1": 20, "l2": 10, "llc": 4, "dram": 1}.items()},
    gemm_flop_per_s={"float32": 100 * GB, "float64": 60 * GB},
    fma_flop_per_s={"float32": 80 * GB, "float64": 70 * GB, "bfloat16": 200 * GB},
)  # fmt: skip


def work(flops: int | None = 0, read: int = 6_000_000, written: int = 6_000_000, dtype: str = "float32") -> Work:
    return Work(flops=flops, read_bytes=read, written_bytes=written, dtype=dtype)


def test_memory_binds_where_little_is_computed():
    found = cpu_roofline(work(1_000_000), PEAKS, 4_000_000, 2_000_000, cold_cache=True)
    assert (found.bound, found.memory, found.sol_ns) == ("memory", "dram", 1_000_000)  # 12 MB copied at 12 GB/s
    assert found.bytes_per_s == pytest.approx(12 * GB)
    assert found.compute_ns == 10_000
    assert (found.candidate_share, found.reference_share, found.headroom) == (0.25, 0.5, 4.0)
    assert found.sol_score == pytest.approx(1 / (1 + 3 / 1))  # (4 - 1) ms over (2 - 1) ms


def test_arithmetic_binds_where_much_is_computed():
    found = cpu_roofline(work(1_000_000_000), PEAKS, 20_000_000, 40_000_000, cold_cache=True)
    assert (found.bound, found.arithmetic, found.flop_per_s) == ("compute", "float32 torch.mm", 100 * GB)
    assert found.sol_ns == found.compute_ns == 10_000_000
    assert found.candidate_share == 0.5


@pytest.mark.parametrize(
    ("dtype", "arithmetic", "compute_ns"),
    [
        ("float32", "float32 torch.mm", 10_000_000),
        ("float64", "float64 multiply-adds", 1e18 / (70 * GB)),  # the higher of the two
        ("bfloat16", "bfloat16 multiply-adds", 5_000_000),
        ("float16", None, 0),  # neither was measured: memory is all that is known
    ],
)
def test_the_peak_is_the_higher_one_of_the_problems_own_dtype(dtype: str, arithmetic: str | None, compute_ns: float):
    found = cpu_roofline(work(10**9, dtype=dtype), PEAKS, 10**8, 10**8, cold_cache=True)
    assert (found.arithmetic, found.compute_ns) == (arithmetic, round(compute_ns))


@pytest.mark.parametrize("flops", [None, 0])
def test_without_counted_operations_memory_is_the_bound(flops: int | None):
    found = cpu_roofline(work(flops), PEAKS, 10**7, 10**7, cold_cache=True)
    assert (found.flops, found.arithmetic, found.compute_ns, found.bound) == (flops, None, 0, "memory")
    # A run's log leaves out what is null, and has to be read again.
    assert Roofline.model_validate_json(found.model_dump_json(exclude_none=True)) == found


def test_reads_and_writes_are_held_against_the_best_mix_of_kernels():
    """10 GB/s read, 8 written, 12 copied, 12 in triad: in MB and ms."""
    assert moving_ns(10e6, 0, DRAM) == pytest.approx(1e6)  # a read
    assert moving_ns(0, 8e6, DRAM) == pytest.approx(1e6)  # a write
    assert moving_ns(6e6, 6e6, DRAM) == pytest.approx(1e6)  # a copy; a read and a write would take 0.6 + 0.75
    assert moving_ns(8e6, 4e6, DRAM) == pytest.approx(1e6)  # a triad
    # Copying 2 and 2 MB takes 1/3 ms, reading the other 8 MB 0.8 ms; the triad of 4 and 2 MB and 6 MB read are 0.5 + 0.6.
    assert moving_ns(10e6, 2e6, DRAM) == pytest.approx(1.1e6)
    assert moving_ns(0, 0, DRAM) == 1e-3


def test_no_time_is_longer_than_any_single_kernel_needs():
    for read, written in ((1e6, 1e6), (5e6, 1e5), (1e5, 5e6)):
        alone = max(read, written) / 1e9 / 6 * 1e9  # a copy reads and writes 6 GB/s each
        assert moving_ns(read, written, DRAM) <= alone * (1 + 1e-9)
        assert moving_ns(read, written, DRAM) >= max(read / 10, written / 8) * (1 - 1e-9)


def test_caches_count_only_where_they_are_warm():
    small, medium, large = (work(read=n // 2, written=n // 2) for n in (600_000, 6_000_000, 40_000_000))
    for each in (small, medium, large):
        assert memory_time(each, PEAKS, cold_cache=True)[0] == "dram"
    assert memory_time(small, PEAKS, cold_cache=False) == ("l2", pytest.approx(600_000 / 120))
    assert memory_time(medium, PEAKS, cold_cache=False) == ("llc", pytest.approx(6_000_000 / 48))
    # 10 of 40 MB may still be there: 10 MB at 48 GB/s, 30 MB at 12 GB/s.
    assert memory_time(large, PEAKS, cold_cache=False) == ("llc and dram", pytest.approx(10e6 / 48 + 30e6 / 12))


def test_beyond_the_bound_is_told_and_not_cut_off():
    found = cpu_roofline(work(), PEAKS, 500_000, 2_000_000, cold_cache=True)
    assert (found.candidate_share, found.headroom, found.sol_score) == (2.0, 0.5, 1.0)
    assert not found.holds
    assert not found.disproved  # the baseline stays below
    assert cpu_roofline(work(), PEAKS, 500_000, 800_000, cold_cache=True).disproved
