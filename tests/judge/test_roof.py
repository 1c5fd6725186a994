"""Times against the machine's peaks: what is impossible accuses, what is merely beyond the bound is told."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from harness.build import BuildCache
from harness.config import Settings
from harness.devices import peaks
from harness.errors import HarnessError, ToolchainError
from harness.judge import Judge
from harness.judge import roof as roof_module
from harness.judge.integrity import DRAM_MARGIN, check_dram
from harness.judge.outcome import Decided
from harness.judge.reference import Layout, Reference
from harness.judge.roof import Roof, medians
from harness.judge.tally import Tally
from harness.models import EvalOptions, Roofline, Status, Tier
from harness.suite import load_problem
from tests.candidates import candidate
from tests.judge.test_work import made

MB = 1_000_000
DIAGONAL = "    def forward(self, x, y):\n        return torch.diag(x) @ y"
"""Counts as a product of matrices; who scales rows instead needs a 2000th of the operations."""


def test_no_call_reads_faster_than_memory() -> None:
    """100 MB of inputs and 10 MB of caches at 20 GB/s: 40 MB at twice that rate take 1 ms."""
    check_dram([1_000_001, 9_000_000], [10_000_000], 100 * MB, 10 * MB, 20e9)
    with pytest.raises(Decided, match="faster than this machine's memory") as decided:
        check_dram([9_000_000, 999_999], [10_000_000], 100 * MB, 10 * MB, 20e9)
    assert decided.value.status is Status.INTEGRITY_VIOLATION
    assert "read 40000000 bytes" in (decided.value.evidence.expected or "")
    assert decided.value.evidence.got == "1000.0 us"


def test_what_the_caches_hold_accuses_nobody() -> None:
    check_dram([1], [10_000_000], 20 * MB, 10 * MB, 20e9)
    check_dram([1], [10_000_000], 0, 10 * MB, 20e9)


def test_a_kernel_that_skips_half_of_its_inputs_at_twice_the_measured_rate_is_honest() -> None:
    """A triangular problem on a machine that was slowed down by neighbours while its peaks were measured."""
    for megabytes in (50, 100, 1000):
        honest_ns = megabytes * MB / 2 / (DRAM_MARGIN * 20e9) * 1e9
        check_dram([round(honest_ns)], [round(4 * honest_ns)], megabytes * MB, 0, 20e9)


def test_what_the_reference_reaches_is_possible() -> None:
    """Peaks that were measured at a fifth of the truth accuse nobody who is as fast as the reference."""
    check_dram([1_000_000], [1_000_000], 100 * MB, 0, 20e9)


def rates(scale: float) -> peaks.Peaks:
    kinds = dict.fromkeys(("read", "write", "copy", "triad"), 10e9 * scale)
    return peaks.Peaks(
        machine=peaks.fingerprint(),
        threads=1,
        cache_bytes={"l2": 1 << 10, "llc": 1 << 12},
        bytes_per_s=dict.fromkeys(("l1", "l2", "llc", "dram"), kinds),
        gemm_flop_per_s={"float32": 1e9},
        fma_flop_per_s={"float32": 1e9},
    )


class Bench:
    """A roof whose measurements are given one after the other, over a problem with a product by a diagonal matrix."""

    def __init__(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *results: "peaks.Peaks | HarnessError") -> None:
        self.measured = 0
        self.notes: list[str] = []
        self.roof = Roof(BuildCache(tmp_path), [0])
        reference = Reference(made(DIAGONAL, "torch.randn(2000), torch.randn(2000, 500)"), 0)
        self.oracle: Any = SimpleNamespace(reference=reference, layouts=[Layout((2000, 500), torch.float32)])

        def measure(*_: object) -> peaks.Peaks:
            result = results[min(self.measured, len(results) - 1)]
            self.measured += 1
            if isinstance(result, HarnessError):
                raise result
            return result

        monkeypatch.setattr(roof_module, "measure", measure)
        monkeypatch.setattr(roof_module, "compile_trusted", lambda *_: tmp_path / "peaks.so")

    def draw(self, candidate_ns: int, reference_ns: int) -> Roofline | None:
        tally = Tally(candidate_ns=[candidate_ns], reference_ns=[reference_ns], block=[0])
        return self.roof.draw(self.oracle, tally, cold_cache=True, progress=lambda _: None, notes=self.notes)


def test_fewer_operations_than_counted_are_told_and_accuse_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """4 GFLOP are counted, at 1 GFLOP/s; scaling rows moves 8 MB. Ten thousand times as fast as counted is honest."""
    bench = Bench(tmp_path, monkeypatch, rates(1))
    found = bench.draw(400_000, 4_000_000_000)
    assert found is not None
    assert (found.bound, found.sol_ns) == ("compute", 4_000_000_000)
    assert found.candidate_share == pytest.approx(10_000)
    assert not found.holds
    assert not found.disproved
    assert bench.notes == []


def test_nobody_is_accused_before_the_peaks_are_measured_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """2 MB less the caches at twice 10 GB/s take 0.1 ms: 30 us are impossible, unless memory is four times as fast."""
    bench = Bench(tmp_path, monkeypatch, rates(1), rates(4))
    assert bench.draw(30_000, 4_000_000) is not None
    assert bench.measured == 2
    bench = Bench(tmp_path, monkeypatch, rates(1), rates(1))
    with pytest.raises(Decided, match="faster than this machine's memory"):
        bench.draw(30_000, 4_000_000)
    assert bench.measured == 2


def test_peaks_are_measured_once_and_taken_from_the_cache_after_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(tmp_path, monkeypatch, rates(1))
    assert bench.draw(1_000_000, 1_000_000) == bench.draw(1_000_000, 1_000_000)
    assert bench.measured == 1
    place = peaks._place(tmp_path, peaks.fingerprint(), 1)
    place.parent.mkdir()
    place.write_text(rates(2).model_dump_json())
    bench = Bench(tmp_path, monkeypatch, rates(1))
    found = bench.draw(1_000_000, 1_000_000)
    assert found is not None
    assert found.bytes_per_s == pytest.approx(20e9)
    assert bench.measured == 0


def test_without_peaks_there_is_a_note_and_no_roofline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(tmp_path, monkeypatch, ToolchainError("the compiler is gone"))
    assert bench.draw(1, 1) is None
    assert bench.draw(1, 1) is None
    assert bench.measured == 1, "what failed once is not tried for every candidate"
    assert bench.notes == ["no roofline: the compiler is gone"] * 2


def test_pairs_that_do_not_count_for_the_speedup_do_not_count_here() -> None:
    tally = Tally(candidate_ns=[10, 900, 30, 20], reference_ns=[40, 50, 800, 60], preempted=[False, True, False, False])
    assert medians(tally) == (20, 60)
    tally.preempted[2:] = [True, True]  # most are: then all count
    assert medians(tally) == (25, 55)


def test_a_timed_verdict_says_how_far_the_machine_would_go() -> None:
    """A real evaluation: an interval this wide is reached on any machine, and the record agrees with the times."""
    options = EvalOptions(tier=Tier.CI, min_pairs=3, max_pairs=20, interval_width=1e9, timing_budget_s=1.0)
    problem = load_problem("level1/1")
    with Judge(options, Settings.load().cache_dir) as judge:
        for _ in range(3):  # a machine too noisy to time on says so, and is asked again
            verdict = judge.evaluate(problem, candidate(problem.source, "Model"))
            if verdict.status is not Status.INCONCLUSIVE:
                break
    assert verdict.status in (Status.CORRECT, Status.INCONCLUSIVE), verdict.evidence
    if verdict.status is Status.INCONCLUSIVE:
        pytest.skip(f"too noisy: {verdict.evidence.got}")
    found, times = verdict.roofline, verdict.measurement
    assert found is not None, verdict.notes
    assert times is not None
    assert min(times.candidate_ns) <= found.candidate_ns <= max(times.candidate_ns)
    assert found.candidate_share == pytest.approx(found.sol_ns / found.candidate_ns)
    assert found.sol_ns == max(found.memory_ns, found.compute_ns)
    assert found.flops
    assert found.arithmetic is not None
    assert 0 < found.sol_score <= 1
