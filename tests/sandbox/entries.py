"""What a hostile child would try. Runs confined, in children of a real fork server; imports nothing but the library."""

import contextlib
import ctypes
import json
import os
import resource
import signal
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

_libc = ctypes.CDLL(None, use_errno=True)


def read(path: str) -> str:
    """Read the beginning of a file."""
    with open(path, "rb") as file:
        return file.read(4096).decode(errors="replace")


def names(path: str) -> list[str]:
    """List a folder."""
    return sorted(os.listdir(path))


def write(path: str) -> int:
    """Write a file."""
    return Path(path).write_bytes(b"x")


def fill(path: str, chunk: int, limit: int) -> int:
    """Write until it is refused; returns the bytes that were taken."""
    taken = 0
    with open(path, "wb", buffering=0) as file:
        while taken < limit:
            try:
                taken += file.write(bytes(chunk))
            except OSError:
                return taken
    return taken


def many_files(folder: str, limit: int) -> int:
    """Create empty files until it is refused; returns how many there are."""
    for number in range(limit):
        try:
            os.close(os.open(f"{folder}/{number}", os.O_CREAT | os.O_WRONLY))
        except OSError:
            return number
    return limit


def open_socket(family: int) -> str:
    """Open a socket."""
    with socket.socket(family, socket.SOCK_STREAM) as made:
        return str(made.family)


def fork() -> int:
    """Fork."""
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    return os.waitpid(pid, 0)[1]


def clone_namespace() -> int:
    """Fork into a new user namespace, as `unshare -U` would if it were let."""
    number = {"x86_64": 56, "aarch64": 220}[os.uname().machine]
    flags = 0x10000000 | signal.SIGCHLD  # CLONE_NEWUSER
    pid = _libc.syscall(number, ctypes.c_ulong(flags), None, None, None, None)
    if pid < 0:
        raise OSError(ctypes.get_errno(), "clone")
    if pid == 0:
        os._exit(0)
    return os.waitpid(pid, 0)[1]


def execute(path: str) -> None:
    """Become another program."""
    os.execv(path, [path])


def script() -> None:
    """Write a program and become it."""
    path = Path(os.getcwd()) / "program"
    path.write_text("#!/bin/sh\nexit 5\n")
    path.chmod(0o755)
    os.execv(path, [str(path)])


def ptrace(pid: int) -> int:
    """Attach to a process."""
    if _libc.ptrace(16, pid, None, None) < 0:
        raise OSError(ctypes.get_errno(), "ptrace")
    return 0


def signal_parent() -> int:
    """Try to end what watches over this process; the answer arrives only if that failed."""
    for pid in (os.getppid(), 1):
        for number in (signal.SIGTERM, signal.SIGSTOP, signal.SIGKILL):
            try:
                os.kill(pid, number)
            except OSError:
                continue
    return os.getppid()


def signal_process(pid: int) -> None:
    """Ask whether a process of the host can be signalled."""
    os.kill(pid, 0)


def processes() -> dict[str, str]:
    """Return the processes that are visible, with the name of each."""
    return {pid: read(f"/proc/{pid}/stat").split()[1] for pid in os.listdir("/proc") if pid.isdigit()}


def environment() -> str:
    """Return everything that was ever in this process's environment."""
    return read("/proc/self/environ") + json.dumps(dict(os.environ))


def identity() -> dict[str, Any]:
    """Return who this process is, and what it could still become."""
    status = dict(line.split(":\t") for line in read("/proc/self/status").splitlines() if ":\t" in line)
    return {
        "ids": [*os.getresuid(), *os.getresgid()],
        "groups": os.getgroups(),
        "capabilities": [status[k] for k in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")],
        "no_new_privs": status["NoNewPrivs"],
        "seccomp": status["Seccomp"],
        "namespaces": {n: os.readlink(f"/proc/self/ns/{n}") for n in ("user", "pid", "mnt", "net", "ipc", "uts")},
    }


def descriptors() -> dict[str, str]:
    """Return what each open descriptor is."""
    found = {}
    for fd in os.listdir("/proc/self/fd"):
        try:
            found[fd] = os.readlink(f"/proc/self/fd/{fd}")
        except FileNotFoundError:  # the listing's own
            continue
    return found


def allocate(size: int) -> int:
    """Take memory and touch it."""
    return len(bytearray(size))


def limits() -> dict[str, int]:
    """Return the hard limits."""
    wanted = ("AS", "CPU", "FSIZE", "NOFILE", "CORE", "NPROC")
    return {name: resource.getrlimit(getattr(resource, f"RLIMIT_{name}"))[1] for name in wanted}


def threads(count: int) -> int:
    """Start threads until it is refused; returns how many ran at once."""
    gate, started = threading.Event(), 0
    for _ in range(count):
        try:
            threading.Thread(target=gate.wait, daemon=True).start()
        except RuntimeError:
            break
        started += 1
    gate.set()
    return started


def cores() -> list[int]:
    """Return the cores that this process may use, after trying for more."""
    with contextlib.suppress(OSError):
        os.sched_setaffinity(0, range(os.cpu_count() or 1))
    return sorted(os.sched_getaffinity(0))


def burn() -> None:
    """Compute for ever."""
    while True:
        pass


def crash() -> None:
    """Read address 8."""
    ctypes.string_at(8)


def leave(code: int) -> None:
    """Exit without an answer."""
    os._exit(code)


def shout(size: int) -> int:
    """Write to stdout and stderr, more than anybody wants to keep."""
    os.write(1, b"first words\n")
    chunk = b"x" * (1 << 16)
    for at in range(0, size, 2 * len(chunk)):
        os.write(1 + (at // len(chunk)) % 2, chunk)
        os.write(2, chunk)
    os.write(2, b"\nlast words\n")
    return size


def _leave_behind(fds: dict[str, int]) -> None:
    """Leave a process of its own session behind, deaf to polite signals; returns when it is there."""
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    there_r, there_w = os.pipe()
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.write(there_w, b".")
            while True:
                signal.pause()
        os._exit(0)
    os.wait()
    os.read(there_r, 1)
    os.write(fds["answer"], b"ready\n")


def linger(fds: dict[str, int]) -> None:
    """Leave a process behind, and stay as well."""
    _leave_behind(fds)
    while True:
        signal.pause()


def abandon(fds: dict[str, int]) -> None:
    """Leave a process behind and exit."""
    _leave_behind(fds)
    os._exit(0)


def main(fds: dict[str, int], arguments: dict[str, Any], confinement: dict[str, list[str]]) -> None:
    """Entry point: do one thing and say what came of it."""
    action: Callable[..., Any] = globals()[arguments["do"]]
    if arguments["do"] in {"linger", "abandon"}:
        action(fds)
    try:
        outcome: dict[str, Any] = {"value": action(**arguments.get("with", {}))}
    except (OSError, MemoryError) as error:
        outcome = {"error": type(error).__name__, "errno": getattr(error, "errno", None)}
    with os.fdopen(fds["answer"], "w") as answer:
        json.dump({**outcome, "confinement": confinement}, answer)
