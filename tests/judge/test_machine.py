"""Builds share the machine, timing has it alone: with real threads and a real second process."""

import contextlib
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from harness.errors import StoreError
from harness.judge.machine import Machine

TIMEOUT_S = 20.0


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(1, tmp_path / "cache" / "timing.lock")


class Thread:
    """Enters a state of the machine, says so, and leaves when it is told to."""

    def __init__(self, state: contextlib.AbstractContextManager[None]) -> None:
        self.inside, self.leave = threading.Event(), threading.Event()
        self._state = state
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        with self._state:
            self.inside.set()
            self.leave.wait(TIMEOUT_S)

    def end(self) -> None:
        self.leave.set()
        self._thread.join(TIMEOUT_S)
        assert not self._thread.is_alive()


def test_builds_share_the_machine(machine: Machine) -> None:
    threads = [Thread(machine.busy()) for _ in range(3)]
    assert all(thread.inside.wait(TIMEOUT_S) for thread in threads)
    for thread in threads:
        thread.end()


def test_timing_waits_for_builds_and_builds_for_timing(machine: Machine) -> None:
    first, second = Thread(machine.busy()), Thread(machine.busy())
    assert first.inside.wait(TIMEOUT_S)
    assert second.inside.wait(TIMEOUT_S)
    timing = Thread(machine.quiet())
    first.end()
    assert not timing.inside.is_set(), "one build is left"
    second.end()
    assert timing.inside.wait(TIMEOUT_S)
    build = Thread(machine.busy())
    assert not build.inside.is_set()
    timing.end()
    assert build.inside.wait(TIMEOUT_S)
    build.end()


def test_a_stream_of_builds_does_not_starve_timing(machine: Machine) -> None:
    running = Thread(machine.busy())
    assert running.inside.wait(TIMEOUT_S)
    timing = Thread(machine.quiet())
    while not machine._waiting:
        os.sched_yield()
    late = Thread(machine.busy())
    running.end()
    assert timing.inside.wait(TIMEOUT_S), "the build that came later waits"
    assert not late.inside.is_set()
    timing.end()
    assert late.inside.wait(TIMEOUT_S)
    late.end()


def test_never_a_build_beside_a_timing(machine: Machine) -> None:
    lock = threading.Lock()
    builds = timings = 0
    wrong: list[str] = []

    def work(quiet: bool) -> None:
        nonlocal builds, timings
        for _ in range(50):
            with machine.quiet() if quiet else machine.busy():
                with lock:
                    builds, timings = builds + (not quiet), timings + quiet
                    if timings > 1 or (timings and builds):
                        wrong.append(f"{timings} timings beside {builds} builds")
                os.sched_yield()
                with lock:
                    builds, timings = builds - (not quiet), timings - quiet

    threads = [threading.Thread(target=work, args=(i % 2 == 0,)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(TIMEOUT_S)
    assert not any(thread.is_alive() for thread in threads)
    assert wrong == []


def test_a_failure_inside_gives_the_machine_back(machine: Machine) -> None:
    for state in (machine.busy, machine.quiet):
        with pytest.raises(KeyError), state():
            raise KeyError
    with machine.quiet():
        pass
    with machine.busy():
        pass


def test_a_lock_that_cannot_be_made_is_an_error_and_no_deadlock(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    machine = Machine(1, tmp_path / "file" / "timing.lock")
    for _ in range(2):
        with pytest.raises(StoreError, match="cannot write"), machine.quiet():
            pass
    with machine.busy():
        pass


def test_two_judges_of_one_user_time_one_after_the_other(machine: Machine) -> None:
    holder = (
        "import sys; from pathlib import Path; from harness.judge.machine import Machine\n"
        "with Machine(1, Path(sys.argv[1])).quiet():\n    print('inside', flush=True); sys.stdin.readline()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(machine._lock_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "inside\n"
        timing = Thread(machine.quiet())
        assert not timing.inside.wait(0.2)
        other.kill()
        assert timing.inside.wait(TIMEOUT_S), "the lock of a killed judge is free"
        timing.end()


def test_the_judge_waits_on_a_core_of_its_own_where_there_is_one(tmp_path: Path) -> None:
    available = sorted(os.sched_getaffinity(0))
    machine = Machine(1, tmp_path / "lock")
    assert machine.timing_cores == (available[-1],)
    assert machine.judge_core == (available[0] if len(available) > 1 else None)
    crowded = Machine(len(available), tmp_path / "lock")
    assert crowded.timing_cores == tuple(available)
    assert crowded.judge_core is None
