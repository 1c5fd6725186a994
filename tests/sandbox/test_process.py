"""How confined processes end: exit codes, signals, bounded logs, whole trees, a killed judge."""

import errno
import json
import os
import signal
from pathlib import Path

import pytest

from harness.errors import SandboxError
from harness.sandbox import BoundedLog, Exit, ForkServer
from harness.sandbox.process import LOG_BYTES
from harness.sandbox.tree import descendants
from tests.sandbox.support import ANSWER_TIMEOUT_S, ENTRY, MODULES, Cell, all_end, watch


def test_an_exit_is_described_for_people() -> None:
    assert Exit(7 << 8, 0, 0).describe() == "exited with status 7"
    assert Exit(signal.SIGSEGV, 0, 0).describe() == "was killed by SIGSEGV"
    assert Exit(64, 0, 0).describe() == "was killed by SIGRTMAX"
    assert Exit(33, 0, 0).describe() == "was killed by signal 33"


def test_exit_codes_and_signals_are_told_apart(cell: Cell) -> None:
    left = cell.run("leave", code=7).exit
    crashed = cell.run("crash").exit
    assert left is not None
    assert crashed is not None
    assert (left.code, left.signal) == (7, None)
    assert (crashed.code, crashed.signal) == (None, signal.SIGSEGV)


def test_memory_and_time_are_accounted_for(cell: Cell) -> None:
    ended = cell.run("allocate", size=200 << 20).exit
    assert ended is not None
    assert 200 << 20 < ended.peak_bytes < 400 << 20
    assert 0 < ended.cpu_ns < 5_000_000_000


def test_an_unknown_action_ends_in_one_line(cell: Cell) -> None:
    reply = cell.run("no_such_action")
    assert reply.exit is not None
    assert reply.exit.code == 125
    assert reply.log == "harness sandbox: KeyError: 'no_such_action'\n"


def test_waiting_has_an_end(cell: Cell) -> None:
    with cell.start("burn", cell.profile()) as (process, _):
        assert process.wait(0.05) is None
        process.kill()
        ended = process.wait(0.0)
        assert ended is not None
        assert ended.signal == signal.SIGKILL
        process.kill()


def test_a_log_keeps_both_ends_of_50_megabytes(cell: Cell) -> None:
    reply = cell.run("shout", size=50 << 20)
    assert reply.value == 50 << 20
    assert reply.log.startswith("first words\n")
    assert reply.log.endswith("\nlast words\n")
    assert len(reply.log) < LOG_BYTES + 100
    assert f"... {(50 << 20) + 24 - LOG_BYTES} bytes dropped ..." in reply.log


@pytest.mark.parametrize("size", [0, 1, LOG_BYTES // 2, LOG_BYTES // 2 + 1, LOG_BYTES, LOG_BYTES + 1])
def test_a_log_is_whole_up_to_its_size(size: int) -> None:
    reader, writer = os.pipe()
    log = BoundedLog(reader)
    data = bytes(ord("a") + i % 26 for i in range(size))
    with os.fdopen(writer, "wb") as file:
        file.write(data)
    text = log.text(ANSWER_TIMEOUT_S)
    if size <= LOG_BYTES:
        assert text == data.decode()
    else:
        assert text.startswith(data[: LOG_BYTES // 2].decode() + "\n... 1 bytes dropped")
        assert text.endswith(data[-LOG_BYTES // 2 :].decode())


def test_a_log_that_is_not_text_is_still_read() -> None:
    reader, writer = os.pipe()
    log = BoundedLog(reader)
    os.write(writer, b"\xff\xfe\x00ok")
    os.close(writer)
    assert log.text(ANSWER_TIMEOUT_S) == "\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}\x00ok"


def test_killing_ends_a_build_that_left_a_deaf_process_in_another_session(cell: Cell) -> None:
    with cell.start("linger", cell.profile(may_exec=True)) as (process, answer):
        assert os.read(answer, 16) == b"ready\n"
        pids = [process.guardian, *descendants(process.guardian)]
        assert len(pids) == 4, "guardian, init, the child and what it left behind"
        watched = watch(pids)
        process.kill()
        assert all_end(watched)


def test_what_a_build_leaves_behind_ends_with_it(cell: Cell) -> None:
    with cell.start("abandon", cell.profile(may_exec=True)) as (process, answer):
        assert os.read(answer, 16) == b"ready\n"
        ended = process.wait(ANSWER_TIMEOUT_S)
        assert ended is not None
        assert ended.code == 0
        assert os.read(answer, 16) == b"", "the last holder of the pipe is gone"


def test_nothing_stays_on_the_disk(cell: Cell) -> None:
    cell.run("write", path="/tmp/x")
    assert list(cell.folder.iterdir()) == []


def test_closing_the_server_ends_its_children(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    server = ForkServer(MODULES)
    cell = Cell(server, tmp_path)
    with cell.start("linger", cell.profile(may_exec=True)) as (process, answer):
        assert os.read(answer, 16) == b"ready\n"
        watched = watch([process.guardian, *descendants(process.guardian)])
        server.close()
        assert all_end(watched)
    with pytest.raises(SandboxError, match="the fork server is gone"):
        cell.run("identity")


def test_a_server_that_cannot_import_says_so_in_one_line() -> None:
    server = ForkServer(["no_such_module"])
    with pytest.raises(SandboxError, match="the fork server did not start: ModuleNotFoundError: No module named"):
        server.wait_ready()
    server.close()


def test_long_requests_arrive_whole_and_too_long_ones_are_refused(cell: Cell) -> None:
    """Compiler flags are a candidate's: however many there are, the server that all share must live."""
    for length in (60_000, 100_000, 900_000):
        assert cell.run("read", path="/" + "x" * length).errno == errno.ENAMETOOLONG
    with pytest.raises(SandboxError, match="too long for the fork server"):
        cell.run("read", path="/" + "x" * (1 << 20))
    assert list(cell.folder.iterdir()) == []
    assert cell.run("processes").value


def test_many_at_once(cell: Cell) -> None:
    """The server is shared by the builds of several workers."""
    readers = []
    processes = []
    for _ in range(8):
        reader, writer = os.pipe()
        processes.append(cell.server.start(ENTRY, {"do": "processes"}, cell.profile(), {"answer": writer}))
        os.close(writer)
        readers.append(reader)
    for reader, process in zip(readers, processes, strict=True):
        with process, os.fdopen(reader) as answer:
            assert list(json.load(answer)["value"]) == ["1", "2"]
