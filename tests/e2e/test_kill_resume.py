"""A real run whose driver dies at any moment goes on to the same verdicts, buys and judges nothing twice, and leaves nothing
behind that still runs.

tests/runs kills a run at chosen events, with a judge that waits for the test; here everything is real and time decides.
"""

import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from harness.models import Event, EventType
from harness.store import RunFolder, read_events
from tests.e2e.command import HARNESS, TIMEOUT_S, environment, harness
from tests.e2e.processes import Process, command_line, descendants, wait_gone

KILLS = 10
SELECTION = "level1/42,level1/95,level1/23"
"""Eight replies: a compile error, a NaN, a wrong value, and five right kernels."""
FEW = {"HARNESS_MIN_PAIRS": "3", "HARNESS_MAX_PAIRS": "3"}
"""The fewest pairs that are allowed: what is timed does not matter here, that it is timed does."""
GONE_S = 10.0
"""The kernel kills along the chain of parents within milliseconds; a loaded machine may take longer to free 6 GiB."""


def run_arguments() -> list[str]:
    return ["run", SELECTION, "--agent", "refine", "--tier", "ci"]


def verdicts(events: Iterable[Event]) -> dict[str, str]:
    """Status by node. `inconclusive` is `correct` on a machine whose neighbours were too loud for a speedup."""
    found = {e.attempt.node: e.attempt.verdict.status.value for e in events if e.attempt}
    return {node: "correct" if status == "inconclusive" else status for node, status in found.items()}


def check_once(events: list[Event]) -> None:
    """No reply was bought twice, and no candidate was judged twice."""
    for kind in (EventType.NODE_COMMITTED, EventType.REPLY_RECEIVED):
        counts = Counter(event.node for event in events if event.type is kind)
        assert set(counts.values()) <= {1}, (kind, counts)


class Driver:
    """A run in a process of its own, and all that it started."""

    def __init__(self, arguments: list[str], cwd: Path, changes: dict[str, str | None]) -> None:
        with (cwd / "output").open("ab") as output:
            self.process = subprocess.Popen(
                [*HARNESS, *arguments], cwd=cwd, env=environment(changes), stdout=output, stderr=output
            )

    def ends_within(self, seconds: float) -> bool:
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self) -> dict[Process, str]:
        """Send SIGKILL, and return the processes that it had with their command lines: stopped first, so that it starts
        none meanwhile."""
        os.kill(self.process.pid, signal.SIGSTOP)
        below = {process: command_line(process) for process in descendants(self.process.pid)}
        self.process.kill()
        self.process.wait(TIMEOUT_S)
        return below


@pytest.mark.slow
def test_ten_kills_change_nothing(tmp_path: Path, warm_cache: Path, cold_cache: Callable[[], Path]) -> None:
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)

    undisturbed = tmp_path / "undisturbed"
    started = time.monotonic()
    changes: dict[str, str | None] = {**FEW, "HARNESS_CACHE_DIR": str(warm_cache), "HARNESS_RUNS_DIR": str(undisturbed)}
    done = harness(tmp_path, *run_arguments(), **changes)
    duration = time.monotonic() - started
    assert done.returncode == 0, done.stderr[-1000:]
    expected = verdicts(read_events(RunFolder.find("latest", undisturbed).events))
    assert Counter(expected.values()) == {"correct": 5, "build_error": 1, "nonfinite": 1, "value_mismatch": 1}

    # The killed runs also compile: their cache has no kernel yet. Their temporary files lie below the test's folder.
    runs, temporary = tmp_path / "runs", tmp_path / "tmp"
    temporary.mkdir()
    changes |= {"HARNESS_CACHE_DIR": str(cold_cache()), "HARNESS_RUNS_DIR": str(runs), "TMPDIR": str(temporary)}
    # One moment in each tenth of the undisturbed run's duration, in random order: early, late, and all between.
    moments = [duration * (tenth + chance.random()) / KILLS for tenth in range(KILLS)]
    chance.shuffle(moments)
    killed_with_server = 0
    checked: set[RunFolder] = set()
    while moments:
        # A driver that died before it had written its config leaves no run: the next one begins anew.
        going_on = [run for run in RunFolder.all(runs) if run not in checked]
        started = time.monotonic()
        driver = Driver(["resume", str(going_on[0].path)] if going_on else run_arguments(), tmp_path, changes)
        if driver.ends_within(moments[-1]):  # it was done before its moment came, which then hits a new run
            assert driver.process.returncode == 0, (tmp_path / "output").read_text()[-1000:]
            (run,) = [run for run in RunFolder.all(runs) if run not in checked]
            check_finished(run, expected)
            checked.add(run)
            if not going_on:  # the undisturbed run was a slow one: its moments all came too late
                took = time.monotonic() - started
                moments = [moment * took / duration for moment in moments]
                duration = took
            continue
        below = driver.kill()
        moments.pop()
        killed_with_server += any("harness.sandbox.forkserver" in words for words in below.values())
        left = wait_gone(below, GONE_S)
        assert not left, [below[process][:200] for process in left]
        for run in RunFolder.all(runs):
            if run.events.exists():
                check_once(read_events(run.events))
    # A driver starts its server within 2 of the 8 s that a run takes, so that the later moments all meet one.
    assert killed_with_server >= KILLS // 3
    for run in RunFolder.all(runs):
        if run not in checked:
            done = harness(tmp_path, "resume", str(run.path), **changes)
            assert done.returncode == 0, done.stderr[-1000:]
            check_finished(run, expected)
    assert RunFolder.all(runs)


def check_finished(run: RunFolder, expected: dict[str, str]) -> None:
    """The run came to its end and to the same verdicts, each of them once."""
    events = read_events(run.events)
    assert verdicts(events) == expected
    check_once(events)
    assert events[-1].type is EventType.RUN_FINISHED
