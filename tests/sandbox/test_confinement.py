"""What a confined kernel cannot see, do or use, tried for real in children of a fork server."""

import errno
import json
import os
import socket
from pathlib import Path

import pytest

import harness
from harness.sandbox import interpreter_paths, own_package
from tests.sandbox.machines import FAKE_KEY
from tests.sandbox.support import Cell

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root; test_machines.py covers other users")

REPOSITORY = Path(harness.__file__).resolve().parents[1]
INTERPRETERS_IN_TMP = sorted({Path(p).parts[2] for p in interpreter_paths() if Path(p).is_relative_to("/tmp")})
"""A virtual environment may lie in /tmp; it is bound into the private one."""
GONE = errno.ENOENT
REFUSED = errno.EPERM


@pytest.mark.parametrize(
    "path",
    ["/etc/shadow", "/etc/passwd", "/proc/1/environ", "/proc/1/mem", "/proc/kcore", "/dev/mem", "/sys/kernel/notes"],
)
def test_the_hosts_secrets_cannot_be_read(cell: Cell, path: str) -> None:
    reply = cell.run("read", path=path)
    assert reply.value is None
    assert reply.errno in {errno.ENOENT, errno.EACCES, errno.EPERM, errno.EIO}


@pytest.mark.parametrize("path", [str(Path.home()), str(REPOSITORY), str(REPOSITORY / "problems"), "/work", "/var"])
def test_folders_of_people_and_of_the_harness_are_not_there(cell: Cell, path: str) -> None:
    reply = cell.run("names", path=path)
    # The interpreter itself may lie in somebody's home; then the path to it is there and nothing else.
    on_the_way = [p for p in interpreter_paths() if Path(p).is_relative_to(path)]
    if on_the_way:
        assert reply.value == sorted({Path(p).relative_to(path).parts[0] for p in on_the_way})
    else:
        assert reply.errno == GONE


def test_the_root_holds_what_a_kernel_needs_and_nothing_else(cell: Cell) -> None:
    expected = {Path(p).parts[1] for p in interpreter_paths()} | {"tmp", "proc", "dev"}
    assert set(cell.run("names", path="/").value) == expected
    assert cell.run("names", path="/dev").value == ["full", "null", "random", "urandom", "zero"]
    assert cell.run("names", path="/tmp").value == INTERPRETERS_IN_TMP


def test_an_installed_harness_is_hidden_from_its_candidates(cell: Cell) -> None:
    """A wheel lies in site-packages, which is readable: the package's folder then appears empty."""
    readable = (*interpreter_paths(), str(REPOSITORY))
    assert "judge" in cell.run("names", cell.profile(readable=readable), path=own_package()).value
    assert cell.run("names", cell.profile(readable=readable, hidden=(own_package(),)), path=own_package()).value == []


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, socket.AF_NETLINK])
@pytest.mark.parametrize("builds", [False, True])
def test_no_sockets(cell: Cell, family: int, builds: bool) -> None:
    assert cell.run("open_socket", cell.profile(may_exec=builds), family=int(family)).errno == REFUSED


def test_no_new_processes(cell: Cell) -> None:
    assert cell.run("fork").errno == REFUSED
    assert cell.run("execute", path="/bin/true").errno == REFUSED
    assert cell.run("threads", count=8).value == 8


def test_a_build_may_fork_and_execute(cell: Cell) -> None:
    profile = cell.profile(may_exec=True)
    assert cell.run("fork", profile).value == 0
    reply = cell.run("execute", profile, path="/bin/true")
    assert reply.exit is not None
    assert reply.exit.code == 0


def test_a_build_gets_no_user_namespace_of_its_own(cell: Cell) -> None:
    """In a namespace of its own a process has every capability again (stops: mounts and kernel surface from a build)."""
    assert cell.run("clone_namespace", cell.profile(may_exec=True)).errno == REFUSED
    assert cell.run("clone_namespace").errno == REFUSED


@pytest.mark.parametrize("builds", [False, True])
def test_nothing_that_is_written_into_tmp_is_ever_executed_by_a_kernel(cell: Cell, builds: bool) -> None:
    reply = cell.run("script", cell.profile(may_exec=builds))
    if builds:
        assert reply.exit is not None
        assert reply.exit.code == 5
    else:
        assert reply.errno == REFUSED


def test_other_processes_can_be_neither_traced_nor_signalled(cell: Cell) -> None:
    assert cell.run("ptrace", pid=1).errno == REFUSED
    assert cell.run("ptrace", pid=os.getpid()).errno == REFUSED
    assert cell.run("signal_process", pid=os.getpid()).errno == errno.ESRCH
    survived = cell.run("signal_parent")
    assert survived.value == 1
    assert survived.exit is not None
    assert survived.exit.code == 0


def test_it_sees_only_itself_and_its_init(cell: Cell) -> None:
    assert list(cell.run("processes").value) == ["1", "2"]


def test_no_environment_of_ours(cell: Cell) -> None:
    text = cell.run("environment").value
    assert "OMP_NUM_THREADS" in text
    assert FAKE_KEY not in text
    assert "OPENAI_API_KEY" not in text


def test_it_is_nobody_for_good(cell: Cell) -> None:
    who = cell.run("identity").value
    assert who["ids"] == [65534] * 6
    assert who["groups"] == []
    assert set(who["capabilities"]) == {"0" * 16}
    assert (who["no_new_privs"], who["seccomp"]) == ("1", "2")
    ours = {name: os.readlink(f"/proc/self/ns/{name}") for name in who["namespaces"]}
    assert not set(who["namespaces"].values()) & set(ours.values())


def test_it_holds_no_descriptor_but_its_own(cell: Cell) -> None:
    found = cell.run("descriptors").value
    pipes = {target for target in found.values() if target.startswith("pipe:")}
    assert len(pipes) == 2, "stdout and stderr share one, the answer is the other"
    assert set(found.values()) - pipes == {"/dev/null"}


@pytest.mark.parametrize("path", ["/x", "/usr/lib/x", "/etc/ld.so.preload", "/dev/x", "/proc/sys/kernel/hostname"])
def test_nothing_outside_tmp_can_be_written(cell: Cell, path: str) -> None:
    assert cell.run("write", path=path).errno in {errno.EROFS, errno.EACCES, errno.ENOENT}
    assert not Path("/x").exists()


def test_tmp_can_be_written_and_is_private(cell: Cell) -> None:
    assert cell.run("write", path="/tmp/harness-was-here").value == 1
    assert not Path("/tmp/harness-was-here").exists()
    assert cell.run("names", path="/tmp").value == INTERPRETERS_IN_TMP, "the next one starts with nothing"


def test_tmp_is_capped(cell: Cell) -> None:
    cap = 8 << 20
    profile = cell.profile(scratch_bytes=cap)
    assert cell.run("fill", profile, path="/tmp/x", chunk=1 << 20, limit=4 * cap).value == cap
    assert cell.run("many_files", profile, folder="/tmp", limit=70_000).value < 65_536


def test_files_are_capped(cell: Cell) -> None:
    profile = cell.profile(file_bytes=3 << 20)
    assert cell.run("fill", profile, path="/tmp/x", chunk=1 << 20, limit=16 << 20).value == 3 << 20


def test_memory_beyond_the_limit_is_a_memory_error(cell: Cell) -> None:
    profile = cell.profile(extra_address_space_bytes=1 << 28)
    assert cell.run("allocate", profile, size=1 << 27).value == 1 << 27
    reply = cell.run("allocate", profile, size=1 << 29)
    assert reply.error == "MemoryError"
    assert reply.exit is not None
    assert reply.exit.code == 0


def test_threads_are_capped(cell: Cell) -> None:
    assert cell.run("threads", cell.profile(processes=20), count=60).value < 20


def test_cpu_time_is_capped(cell: Cell) -> None:
    reply = cell.run("burn", cell.profile(cpu_s=1))
    assert reply.exit is not None
    assert reply.exit.signal is not None
    assert 0.9e9 < reply.exit.cpu_ns < 2e9


def test_hard_limits_cannot_be_raised_again(cell: Cell) -> None:
    limits = cell.run("limits", cell.profile(processes=99, file_bytes=1 << 20, cpu_s=50)).value
    assert (limits["NPROC"], limits["FSIZE"], limits["CPU"], limits["CORE"]) == (99, 1 << 20, 50, 0)
    assert 1 << 30 < limits["AS"] < 2 << 30


def test_it_stays_on_its_cores(cell: Cell) -> None:
    first = min(os.sched_getaffinity(0))
    assert cell.run("cores", cell.profile(cores=(first,))).value == [first]


def test_it_is_known_what_confines_it(cell: Cell) -> None:
    reply = cell.run("identity")
    assert reply.confinement["missing"] == []
    assert reply.confinement["layers"][:3] == [
        "user, pid, mount, network, ipc namespaces",
        "minimal read-only root",
        "own uid",
    ]
    assert "seccomp (no exec)" in reply.confinement["layers"]
    assert any(layer.startswith("landlock") for layer in reply.confinement["layers"])
    json.dumps(reply.confinement)
