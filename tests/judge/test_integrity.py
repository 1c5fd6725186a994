"""Checks on times and on work outside of the window."""

import dataclasses

import pytest
import torch

from harness.judge.integrity import LATE_CPU_NS, STRIKES, LateWork, check_clocks, check_floor
from harness.judge.outcome import Decided
from harness.judge.readout import Answer
from harness.models import Stage, Status

MS = 1_000_000
ANSWER = Answer([torch.zeros(1)], [(0, 4)], False, 5 * MS, 5 * MS, False, 0)


def answer(late_cpu_ns: int) -> Answer:
    return dataclasses.replace(ANSWER, late_cpu_ns=late_cpu_ns)


def test_a_worker_that_goes_on_computing_is_caught_at_the_third_call() -> None:
    late = LateWork()
    for _ in range(STRIKES - 1):
        late.after(answer(LATE_CPU_NS + 1), counted=True)
        late.after(answer(LATE_CPU_NS), counted=True)
        late.after(answer(100 * MS), counted=False)
    with pytest.raises(Decided) as decided:
        late.after(answer(3_500_000), counted=True)
    assert (decided.value.status, decided.value.stage) == (Status.INTEGRITY_VIOLATION, Stage.TIMING)
    assert decided.value.evidence.got == "3.5 ms, in 3 calls"


def test_an_honest_worker_may_be_late_for_ever_so_little() -> None:
    late = LateWork()
    for _ in range(1000):
        late.after(answer(LATE_CPU_NS), counted=True)
    assert late.strikes == 0


@pytest.mark.parametrize("moved_bytes", [1 << 20, 1 << 30])
def test_no_call_is_faster_than_the_caches(moved_bytes: int) -> None:
    bytes_per_s = 1e12
    floor_ns = int(moved_bytes / bytes_per_s * 1e9)
    check_floor([floor_ns + 1, 10 * floor_ns], moved_bytes, bytes_per_s)
    with pytest.raises(Decided, match="faster than this machine can move") as decided:
        check_floor([10 * floor_ns, floor_ns - 1, 10 * floor_ns], moved_bytes, bytes_per_s)
    assert decided.value.status is Status.INTEGRITY_VIOLATION
    assert f"for {moved_bytes} bytes at 1000 GB/s" in (decided.value.evidence.expected or "")


def test_what_moves_nothing_has_no_floor() -> None:
    check_floor([1], 0, 1e12)


@pytest.mark.parametrize(
    ("judged_ms", "claimed_ms", "noted"),
    [
        ([10, 10], [10, 10], False),
        ([10, 10], [9, 9], False),
        ([10, 10], [5, 5], False),
        ([10, 10], [4, 4], True),
        ([10, 10], [0, 0], True),
        ([10, 10], [-10, -10], True),
        ([10, 10], [12, 12], True),
        ([10, 10], [10.9, 10.9], False),
        ([1, 1], [0, 0], False),
        ([0.01, 0.01], [0.005, 0.005], False),
        ([0, 0], [0, 0], False),
    ],
)
def test_two_clocks_that_cannot_both_be_right_are_noted(
    judged_ms: list[float], claimed_ms: list[float], noted: bool
) -> None:
    """A millisecond per call is allowed for waking and freezing; the rest must agree within a factor of two."""
    judged, claimed = ([int(t * MS) for t in times] for times in (judged_ms, claimed_ms))
    note = check_clocks(judged, claimed)
    assert (note is not None) == noted
    if note:
        assert f"{sum(judged) / 1e6:.3f} ms" in note
