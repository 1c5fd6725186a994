"""The peaks of this machine, measured for real once, and kept as long as the machine is the same."""

import json
import os
from pathlib import Path

import pytest

from harness.build import BuildCache, compile_trusted
from harness.config import Settings
from harness.devices import cpu, peaks
from harness.errors import HarnessError


@pytest.fixture(scope="module")
def library() -> Path:
    return compile_trusted(peaks.SOURCE, BuildCache(Settings.load().cache_dir), peaks.compiler_arguments())


@pytest.fixture(scope="module")
def core() -> int:
    return max(os.sched_getaffinity(0))


@pytest.fixture(scope="module")
def measured(library: Path, core: int, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, peaks.Peaks]:
    folder = tmp_path_factory.mktemp("cache")
    return folder, peaks.measure(folder, library, [core])


def test_every_level_and_kind_is_there(measured: tuple[Path, peaks.Peaks]) -> None:
    found = measured[1]
    assert list(found.bytes_per_s) == ["l1", "l2", "llc", "dram"]
    for rates in found.bytes_per_s.values():
        assert set(rates) == {"read", "write", "copy", "triad"}
    assert {"float32", "float64"} <= found.gemm_flop_per_s.keys() & found.fma_flop_per_s.keys()
    assert ("bfloat16" in found.fma_flop_per_s) == ("avx512_bf16" in cpu.features())


def test_they_are_rates_of_a_real_machine(measured: tuple[Path, peaks.Peaks]) -> None:
    """A wrong count of bytes, operations or threads is off by powers of ten; load on the machine is not."""
    found = measured[1]
    for rates in found.bytes_per_s.values():
        assert all(1e8 < rate < 5e12 for rate in rates.values())  # a 20 year old core copies 1 GB/s
    assert found.best_bytes_per_s("l1")[1] > found.best_bytes_per_s("dram")[1]
    width = 16 if "avx512f" in cpu.features() else 8 if "avx2" in cpu.features() else 4
    # Two operations a number, at most four ports (Neoverse V) and 7 GHz.
    assert 1e8 < found.fma_flop_per_s["float32"] < 2 * width * 4 * 7e9


def test_they_are_known_again_on_this_machine_and_no_other(
    measured: tuple[Path, peaks.Peaks], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, found = measured
    assert peaks.known(folder, 1) == found
    assert peaks.known(folder, 2) is None
    monkeypatch.setattr(peaks, "fingerprint", lambda: {**found.machine, "kernel": "another"})
    assert peaks.known(folder, 1) is None


@pytest.mark.parametrize("cut", [0, 1, 100, -3])
def test_a_torn_file_is_no_measurement(measured: tuple[Path, peaks.Peaks], tmp_path: Path, cut: int) -> None:
    text = measured[1].model_dump_json()
    place = _place(tmp_path)
    place.write_text(text[:cut])
    assert peaks.known(tmp_path, 1) is None
    place.write_text(text)
    assert peaks.known(tmp_path, 1) == measured[1]


@pytest.mark.parametrize(
    "bad", [{"bytes_per_s": {}}, {"fma_flop_per_s": {"float32": 0}}, {"threads": 2}, {"machine": {}}]
)
def test_a_file_that_says_something_else_is_no_measurement(
    measured: tuple[Path, peaks.Peaks], tmp_path: Path, bad: dict[str, object]
) -> None:
    _place(tmp_path).write_text(json.dumps(measured[1].model_dump() | bad))
    assert peaks.known(tmp_path, 1) is None


def test_a_peak_never_falls(measured: tuple[Path, peaks.Peaks]) -> None:
    found = measured[1]
    slower = found.model_copy(
        update={
            "bytes_per_s": {level: {k: r / 2 for k, r in rates.items()} for level, rates in found.bytes_per_s.items()},
            "gemm_flop_per_s": {"float32": 2 * found.gemm_flop_per_s["float32"]},
        }
    )
    both = peaks._best(slower, found)
    assert both.bytes_per_s == found.bytes_per_s
    assert both.gemm_flop_per_s == found.gemm_flop_per_s | slower.gemm_flop_per_s
    assert both == peaks._best(found, slower)


def test_what_cannot_be_measured_is_one_line(tmp_path: Path, core: int) -> None:
    with pytest.raises(HarnessError, match="cannot be measured") as failed:
        peaks.measure(tmp_path, tmp_path / "missing.so", [core])
    assert "\n" not in str(failed.value)
    assert peaks.known(tmp_path, 1) is None


def test_arrays_lie_where_they_are_meant_to() -> None:
    for threads in (1, 2, 7):
        sizes = peaks._array_bytes(threads)
        assert all(size % (4 * 4096 * threads) == 0 for size in sizes.values())
        assert sizes["dram"] >= peaks.SMALLEST_BYTES
        assert (
            3 * sizes["llc"]
            <= max(cpu.last_level_cache_bytes(), threads * cpu.cache_sizes().get(2, 0)) + 3 * 4 * 4096 * threads
        )


def test_the_line_for_people_names_its_peaks(measured: tuple[Path, peaks.Peaks]) -> None:
    said = peaks.describe(measured[1])
    assert "memory " in said
    assert " GB/s (" in said
    assert "(float32 " in said
    assert said.endswith("; 1 thread")


def _place(folder: Path) -> Path:
    place = peaks._place(folder, peaks.fingerprint(), 1)
    place.parent.mkdir(parents=True, exist_ok=True)
    return place
