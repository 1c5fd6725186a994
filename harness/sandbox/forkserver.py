"""A process that has imported what its children need, and forks one confined child per request.

Importing torch takes 2 s; forking a process that has it, with all namespaces, takes 30 ms. The server runs none of the
children's code: each child is confined first and then handed to the entry point that the request names.

    server ── fork ──▶ guardian (host side, waits) ── fork ──▶ init (pid 1 inside, trusted) ── fork ──▶ child (untrusted)

The init reports the child's exit status through a pipe that the child does not have. When the init dies, the kernel kills
everything in its pid namespace, double-forked and stopped processes included; it dies with the guardian, the guardian with
the server, and the server when its socket closes, so that nothing survives a killed judge.

Run with a connected Unix socket's number, the modules to import, `--`, and arguments for the first module's `warm_up`.
"""

import contextlib
import json
import os
import signal
import socket
import struct
import sys
from collections.abc import Callable
from importlib import import_module

from harness.sandbox import confine, kernel
from harness.sandbox.profile import Profile
from harness.sandbox.tree import end_below, end_tree

LENGTH = struct.Struct("=I")
"""Before each request, with its descriptors: how long it is."""
PID = struct.Struct("=i")
"""The answer: the guardian's pid, 0 where none could be forked."""
MAX_REQUEST_BYTES = 1 << 20
STATUS = struct.Struct("=iqq")
"""Exit status as of `os.waitpid`, largest resident set in KiB, CPU time in ns."""


def main(argv: list[str]) -> None:
    """Serve until the socket closes."""
    server = socket.socket(fileno=int(argv[0]))
    separator = argv.index("--")
    modules = [import_module(name) for name in argv[1:separator]]
    if arguments := argv[separator + 1 :]:
        modules[0].warm_up(*arguments)
    server.sendall(b"r")
    children: set[int] = set()
    while True:
        length, fds, _, _ = socket.recv_fds(server, LENGTH.size, 16)
        if not length:
            break
        request = server.recv(LENGTH.unpack(length)[0], socket.MSG_WAITALL)
        try:
            guardian = _start(json.loads(request), fds, server)
            children.add(guardian)
        except OSError as error:  # no more processes or descriptors just now
            print(f"fork server: {error}", file=sys.stderr, flush=True)
            guardian = 0
        for fd in fds:
            os.close(fd)
        server.sendall(PID.pack(guardian))
        _reap(children)
    for pid in children:
        end_tree(pid)


def _reap(children: set[int]) -> None:
    for pid in list(children):
        with contextlib.suppress(ChildProcessError):
            if os.waitpid(pid, os.WNOHANG)[0]:
                children.discard(pid)


def _start(request: dict[str, object], fds: list[int], server: socket.socket) -> int:
    """Fork the guardian, let it enter its namespaces, map its ids, and return its pid."""
    ready_r, ready_w = os.pipe()
    mapped_r, mapped_w = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(ready_r)
        os.close(mapped_w)
        _as_child(lambda: _guardian(request, fds, server, ready_w, mapped_r))
    os.close(ready_w)
    os.close(mapped_r)
    try:
        if os.read(ready_r, 1) == b"n":
            confine.write_id_maps(pid)
        os.write(mapped_w, b"m")
    except OSError as error:
        print(f"fork server: id maps: {error}", file=sys.stderr)
    finally:
        os.close(ready_r)
        os.close(mapped_w)
    return pid


def _as_child(work: Callable[[], None]) -> None:
    """Run `work` and never return: a forked process must not fall back into the server's loop."""
    try:
        work()
        os._exit(0)
    except BaseException as error:  # the process boundary
        with contextlib.suppress(OSError):
            os.write(2, f"harness sandbox: {type(error).__name__}: {error}\n".encode())
        os._exit(125)


def _guardian(request: dict[str, object], fds: list[int], server: socket.socket, ready_w: int, mapped_r: int) -> None:
    server.close()
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    os.setsid()
    names = list(request["fds"])  # type: ignore[call-overload]
    table = dict(zip(names, fds, strict=True))
    profile = Profile.from_json(str(request["profile"]))
    missing: list[str] = []
    try:
        kernel.unshare(kernel.NAMESPACES)
        os.write(ready_w, b"n")
    except OSError as error:
        missing.append(f"namespaces: {error}")
        os.write(ready_w, b"-")
    os.close(ready_w)
    os.read(mapped_r, 1)
    os.close(mapped_r)
    pid = os.fork()
    if pid == 0:
        _as_child(lambda: _init(request, table, profile, missing))
    for fd in fds:
        os.close(fd)
    os.waitpid(pid, 0)


def _init(request: dict[str, object], table: dict[str, int], profile: Profile, missing: list[str]) -> None:
    """Be pid 1 of the namespace: prepare the root, start the child, report how it ended, and end everything."""
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
    namespaced, rooted = not missing, False
    if not namespaced:
        kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)  # what a namespace does by itself: nothing below gets away
    if namespaced:
        try:
            confine.enter_root(profile)
            rooted = True
        except OSError as error:
            missing.append(f"root file system: {error}")
    if not rooted:
        os.chdir(profile.root)
    for name, number in (("stdout", 1), ("stderr", 2)):
        if name in table:
            os.dup2(table[name], number)
    null = os.open("/dev/null", os.O_RDONLY)
    os.dup2(null, 0)
    status_fd = table.pop("status")
    pid = os.fork()
    if pid == 0:
        os.close(status_fd)
        _as_child(lambda: _child(request, table, profile, missing, namespaced, rooted))
    for fd in table.values():
        os.close(fd)
    os.close(1)
    os.close(2)
    if namespaced:
        kernel.drop_capabilities()
    while True:
        ended, status, usage = os.wait3(0)
        if ended == pid:
            break
    if not namespaced:
        end_below()
    cpu_ns = int((usage.ru_utime + usage.ru_stime) * 1e9)
    os.write(status_fd, STATUS.pack(status, usage.ru_maxrss, cpu_ns))


def _child(
    request: dict[str, object],
    table: dict[str, int],
    profile: Profile,
    missing: list[str],
    namespaced: bool,
    rooted: bool,
) -> None:
    """Confine this process and hand it to the entry point."""
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    if "stdout" in table:
        os.close(table.pop("stdout"))
    if "stderr" in table:
        os.close(table.pop("stderr"))
    confine.pin(profile.cores)
    os.environ.update({"HOME": os.getcwd(), "TMPDIR": os.getcwd()})
    confine.set_limits(profile)
    own_uid = confine.drop_privileges(namespaced=namespaced)
    if not namespaced:
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    layers = ["user, pid, mount, network, ipc namespaces"] if namespaced else []
    layers += ["minimal read-only root"] if rooted else []
    layers += ["own uid"] if own_uid else []
    locked, unlocked = confine.lock_down(profile, rooted=rooted)
    layers += [*locked, "limits", "no_new_privs"]
    missing = [*missing, *unlocked] + ([] if own_uid else ["own uid: started by an unprivileged user"])
    module, _, function = str(request["entry"]).partition(":")
    entry = getattr(sys.modules[module], function)
    entry(table, request["arguments"], {"layers": layers, "missing": missing})


if __name__ == "__main__":
    main(sys.argv[1:])
