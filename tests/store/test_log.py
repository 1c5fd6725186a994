"""The event log: torn lines, gaps, versions, one writer, and a disk that says no."""

import json
import os
import resource
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.errors import StoreError
from harness.models import SCHEMA_VERSION, Attempt, Event, EventType
from harness.store import EventLog, read_events
from tests.fakes import make_verdict

STARTED = Event(type=EventType.RUN_STARTED)


def reserved(turn: int) -> Event:
    return Event(type=EventType.NODE_RESERVED, task="level1/23#0", node=f"level1/23#0.{turn}")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.jsonl"


@pytest.fixture
def three(path: Path) -> bytes:
    """A log of three events."""
    with EventLog(path) as log:
        for event in (STARTED, reserved(0), reserved(1)):
            log.append(event)
    return path.read_bytes()


def test_what_was_appended_is_read_back(path: Path):
    attempt = Attempt(
        node="level1/23#0.0",
        problem_id="level1/23",
        sample=0,
        turn=0,
        prompt_sha256="a",
        reply_sha256="b",
        verdict=make_verdict(speed=1.5),
    )
    with EventLog(path) as log:
        written = [
            log.append(event)
            for event in (STARTED, reserved(0), Event(type=EventType.NODE_COMMITTED, task="t#0", attempt=attempt))
        ]
        assert list(log.events()) == written
        assert [event.seq for event in log.events("level1/23#0")] == [1]
    assert read_events(path) == written
    assert written[2].attempt == attempt
    assert all(json.loads(line)["schema_version"] == SCHEMA_VERSION for line in path.read_bytes().splitlines())


def test_an_event_is_on_disk_when_append_returns(path: Path):
    code = (
        "import os, sys; from pathlib import Path\n"
        "from harness.store import EventLog; from harness.models import Event\n"
        "EventLog(Path(sys.argv[1])).append(Event(type='run_started')); os.kill(os.getpid(), 9)\n"
    )
    assert subprocess.run([sys.executable, "-c", code, path], check=False).returncode == -9
    assert len(read_events(path)) == 1


def test_a_torn_last_line_is_dropped_wherever_it_is_torn(path: Path, three: bytes):
    start = three.rindex(b"\n", 0, -1) + 1
    for end in range(start, len(three)):
        path.write_bytes(three[:end])
        assert len(read_events(path)) == 2
        with EventLog(path) as log:
            assert len(log.events()) == 2
            assert path.read_bytes() == three[:start]
            log.append(reserved(1))
        assert len(read_events(path)) == 3


def test_a_last_line_of_zeros_is_torn_too(path: Path, three: bytes):
    path.write_bytes(three + b"\0" * 100 + b"\n")
    with EventLog(path) as log:
        assert len(log.events()) == 3
    assert path.read_bytes() == three


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda lines: [lines[0], lines[2]], "event 1 is missing (line 2 is number 2)"),
        (lambda lines: [lines[0], lines[1], lines[1], lines[2]], "event 2 is missing"),
        (lambda lines: [lines[0], lines[1][:20], lines[2]], "line 2 is damaged: not JSON"),
        (lambda lines: [lines[0], b"[]", lines[2]], "line 2 is damaged"),
        (lambda lines: [*lines[:2], lines[2].replace(b'"task"', b'"tusk"')], "line 3 is damaged: tusk"),
        (
            lambda lines: [*lines[:2], lines[2].replace(b'"schema_version":1', b'"schema_version":2')],
            "written by a newer harness (schema 2, this one reads 1)",
        ),
    ],
)
def test_other_damage_is_refused_and_left_alone(path: Path, three: bytes, damage, message: str):
    broken = b"".join(line + b"\n" for line in damage(three.splitlines()))
    path.write_bytes(broken)
    for read in (read_events, EventLog):
        with pytest.raises(StoreError) as caught:
            read(path)
        assert str(caught.value).startswith(f"{path}: ")
        assert message in str(caught.value)
    assert path.read_bytes() == broken


def test_one_writer_at_a_time(path: Path):
    with EventLog(path) as first:
        first.append(STARTED)
        with pytest.raises(StoreError, match="is being written by another process"):
            EventLog(path)
        assert len(read_events(path)) == 1  # reading needs no lock
        first.append(reserved(0))
    with EventLog(path) as second:
        assert len(second.events()) == 2


def test_many_threads_leave_no_gap(path: Path):
    with EventLog(path) as log:
        threads = [threading.Thread(target=lambda: [log.append(STARTED) for _ in range(25)]) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [event.seq for event in read_events(path)] == list(range(200))


def test_a_full_disk_leaves_a_valid_log(path: Path):
    with EventLog(path) as log:
        log.append(STARTED)
        size = path.stat().st_size
        # A file may grow by half a line more: write() stops in its middle, as it does where the disk is full.
        with file_size_limit(size + 40), pytest.raises(StoreError) as caught:
            log.append(reserved(0))
        assert str(caught.value).startswith(f"{path}: cannot be written: ")
        assert path.stat().st_size == size
        log.append(reserved(0))
    assert [event.type for event in read_events(path)] == [EventType.RUN_STARTED, EventType.NODE_RESERVED]


def test_a_folder_without_permission(path: Path):
    path.parent.chmod(0o555)
    with (
        unprivileged(),
        pytest.raises(StoreError, match="cannot be opened: Permission denied - change"),
    ):
        EventLog(path)


def test_a_closed_log_takes_nothing(path: Path):
    log = EventLog(path)
    log.close()
    log.close()
    with pytest.raises(StoreError, match="closed"):
        log.append(STARTED)


@contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond `size` bytes. Python ignores SIGXFSZ, so writing fails instead."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def unprivileged() -> Iterator[None]:
    """Give up root's right to write everywhere, where there is one to give up."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)
