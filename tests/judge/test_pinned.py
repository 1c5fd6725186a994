"""Both sides on the same cores, asked of the kernel about real processes; and what is said of a busy machine."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from harness.errors import JudgeError
from harness.judge.pinned import Pinned
from harness.models import Conditions, Measurement

WAITS = [sys.executable, "-c", "input()"]


@pytest.fixture
def processes() -> Iterator[tuple[int, int]]:
    """Two processes on the last core that this one may use."""
    core = max(os.sched_getaffinity(0))
    started = [subprocess.Popen(WAITS, stdin=subprocess.PIPE) for _ in range(2)]
    for process in started:
        os.sched_setaffinity(process.pid, {core})
    yield started[0].pid, started[1].pid
    for process in started:
        process.communicate(b"\n")


def test_two_sides_on_one_core_are_pinned_alike(processes: tuple[int, int]) -> None:
    Pinned((max(os.sched_getaffinity(0)),)).check(*processes)


def test_other_cores_than_were_chosen_are_refused(processes: tuple[int, int]) -> None:
    with pytest.raises(JudgeError, match=r"not pinned alike: cores \[\d+\] and \[\d+\], wanted \[9999\]"):
        Pinned((9999,)).check(*processes)


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="needs two cores")
def test_a_side_with_more_cores_is_refused(processes: tuple[int, int]) -> None:
    os.sched_setaffinity(processes[0], os.sched_getaffinity(0))
    with pytest.raises(JudgeError, match="not pinned alike"):
        Pinned((max(os.sched_getaffinity(0)),)).check(*processes)


def test_a_process_that_is_gone_is_left_to_its_next_call() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    Pinned((0,)).check(gone.pid, gone.pid)


def measured(before: Conditions, after: Conditions) -> Measurement:
    return Measurement(
        candidate_ns=[1], reference_ns=[1], candidate_worker_ns=[1], block=[0], doorbell_ns=1, threads=1,
        before=before, after=after,
    )  # fmt: skip


def test_a_busy_machine_and_a_changing_clock_are_told() -> None:
    cores = os.cpu_count() or 1
    quiet, busy = Conditions(load_1m=0.5, frequency_mhz=[3000]), Conditions(load_1m=4.0 * cores, frequency_mhz=[2400])
    pinned = Pinned((7,))
    assert list(pinned.notes(measured(quiet, quiet))) == []
    load, clock = pinned.notes(measured(quiet, busy))
    assert load.startswith(f"timed on a busy machine: load average {4.0 * cores:.1f} on {cores} core")
    assert clock == "the clock of core 7 changed while it was timed: from 3000 to 2400 MHz"
