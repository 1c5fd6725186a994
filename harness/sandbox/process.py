"""The judge's side of the fork server: starting confined processes, reading their logs, and ending them for certain."""

import contextlib
import dataclasses
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.errors import SandboxError
from harness.sandbox.forkserver import LENGTH, MAX_REQUEST_BYTES, PID, STATUS
from harness.sandbox.profile import Profile
from harness.sandbox.tree import end_tree

LOG_BYTES = 64 << 10
START_TIMEOUT_S = 120.0
ALLOCATOR = {
    # What a kernel allocates itself is to stay mapped; tensors have an allocator of their own. glibc 2.36 silently ignores
    # a threshold above 32 MiB.
    "MALLOC_MMAP_THRESHOLD_": str(32 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(4 << 30),
    "MALLOC_TOP_PAD_": str(64 << 20),
    "MALLOC_ARENA_MAX": "1",
}


@dataclasses.dataclass(frozen=True)
class Exit:
    """How a confined process ended."""

    status: int
    """As of `os.waitpid`."""
    peak_bytes: int
    """Largest resident set."""
    cpu_ns: int
    """CPU time of the process and its children."""

    @property
    def signal(self) -> int | None:
        """The signal that ended it, or None."""
        return os.WTERMSIG(self.status) if os.WIFSIGNALED(self.status) else None

    @property
    def code(self) -> int | None:
        """Its exit code, or None."""
        return os.WEXITSTATUS(self.status) if os.WIFEXITED(self.status) else None

    def describe(self) -> str:
        """Return a phrase for people."""
        if self.signal is not None:
            with contextlib.suppress(ValueError):
                return f"was killed by {signal.Signals(self.signal).name}"
            return f"was killed by signal {self.signal}"
        return f"exited with status {self.code}"


class BoundedLog:
    """Drains a pipe on a thread of its own, keeping the first and last 32 KiB."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._head = b""
        self._tail = b""
        self.total_bytes = 0
        self._thread = threading.Thread(target=self._drain, daemon=True)
        self._thread.start()

    def _drain(self) -> None:
        half = LOG_BYTES // 2
        with contextlib.suppress(OSError):
            while data := os.read(self._fd, 1 << 20):
                self.total_bytes += len(data)
                room = half - len(self._head)
                self._head += data[:room]
                self._tail = (self._tail + data[room:])[-half:] if room < len(data) else self._tail
        os.close(self._fd)

    def text(self, wait_s: float = 0.0) -> str:
        """Return what was kept, decoded leniently; `wait_s` allows for the end of the stream."""
        self._thread.join(wait_s)
        dropped = self.total_bytes - len(self._head) - len(self._tail)
        gap = f"\n... {dropped} bytes dropped ...\n" if dropped > 0 else ""
        return self._head.decode(errors="replace") + gap + self._tail.decode(errors="replace")


class Confined:
    """A confined process tree."""

    def __init__(self, guardian: int, status_fd: int, log: BoundedLog, root: Path) -> None:
        self.guardian = guardian
        self.log = log
        self.status_fd = status_fd
        self._root = root
        self._exit: Exit | None = None

    def wait(self, timeout_s: float) -> Exit | None:
        """Wait until it ends; None if it has not after `timeout_s`."""
        if self._exit is None and select.select([self.status_fd], [], [], max(0.0, timeout_s))[0]:
            data = os.read(self.status_fd, STATUS.size)
            if len(data) == STATUS.size:
                status, peak_kib, cpu_ns = STATUS.unpack(data)
                self._exit = Exit(status, peak_kib << 10, cpu_ns)
            else:  # the init was killed before it could report
                self._exit = Exit(signal.SIGKILL, 0, 0)
        return self._exit

    def kill(self) -> None:
        """End the whole tree: the guardian's death takes the init, whose death takes all that is left. Idempotent."""
        if self.guardian:
            end_tree(self.guardian)
            self.guardian = 0
            self.wait(5.0)
            os.close(self.status_fd)
            shutil.rmtree(self._root, ignore_errors=True)

    def __enter__(self) -> "Confined":
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()


class ForkServer:
    """Starts confined processes. Thread-safe. Ends with `close`, and by itself when this process dies."""

    def __init__(self, modules: Sequence[str], *, threads: int = 1, warm_up: Sequence[str] = ()) -> None:
        ours, theirs = socket.socketpair()
        environment = {
            **ALLOCATOR,
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "OMP_NUM_THREADS": str(threads),
            "MKL_NUM_THREADS": str(threads),
            "OMP_WAIT_POLICY": "passive",
            "GOMP_SPINCOUNT": "0",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONHASHSEED": "0",
            "TORCHINDUCTOR_CACHE_DIR": "/tmp/inductor",
        }
        package_parent = str(Path(__file__).resolve().parents[2])
        start = (
            f"import sys; sys.path.insert(0, {package_parent!r}); "
            "from harness.sandbox.forkserver import main; main(sys.argv[1:])"
        )
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the server
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-c", start, str(theirs.fileno()), *modules, "--", *warm_up],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=self._errors,
                stderr=self._errors,
                env=environment,
                cwd="/",
                start_new_session=True,
            )
        except OSError as error:
            raise SandboxError(f"cannot start the fork server: {error}") from error
        theirs.close()
        self._socket = ours
        self._lock = threading.Lock()
        self._ready = False

    def wait_ready(self) -> None:
        """Wait until the modules are imported. `start` does so itself; call it to overlap the wait with other work.

        Raises:
            SandboxError: the server ended or did not become ready.
        """
        if self._ready:
            return
        self._socket.settimeout(START_TIMEOUT_S)
        try:
            byte = self._socket.recv(1)
        except OSError:
            byte = b""
        self._socket.settimeout(None)
        if byte != b"r":
            self._errors.seek(0)
            tail = self._errors.read()[-2000:].decode(errors="replace").strip().splitlines()
            raise SandboxError(f"the fork server did not start: {tail[-1] if tail else 'no message'}")
        self._ready = True

    def start(
        self, entry: str, arguments: Mapping[str, Any], profile: Profile, fds: Mapping[str, int] | None = None
    ) -> Confined:
        """Start `entry` (`module:function`, imported by the server) in a process confined by `profile`.

        The function is called with the table of `fds`, the `arguments`, and what confines it.

        Raises:
            SandboxError: the server is gone, could not fork, or the arguments are too long.
        """
        root = Path(tempfile.mkdtemp(prefix="root-", dir=profile.root))
        root.chmod(0o777)
        status_r, status_w = os.pipe()
        log_r, log_w = os.pipe()
        table = {**(fds or {}), "status": status_w, "stdout": log_w, "stderr": os.dup(log_w)}
        own = dataclasses.replace(profile, root=str(root))
        request = {"entry": entry, "arguments": dict(arguments), "profile": own.to_json(), "fds": list(table)}
        try:
            guardian = self._request(json.dumps(request).encode(), list(table.values()))
        except SandboxError:
            os.close(status_r)
            os.close(log_r)
            root.rmdir()
            raise
        finally:
            for name in ("status", "stdout", "stderr"):
                os.close(table[name])
        return Confined(guardian, status_r, BoundedLog(log_r), root)

    def _request(self, data: bytes, fds: Sequence[int]) -> int:
        """Send a request and return the pid of the new guardian."""
        if len(data) > MAX_REQUEST_BYTES:
            raise SandboxError(f"a request of {len(data)} bytes is too long for the fork server")
        try:
            with self._lock:
                self.wait_ready()
                socket.send_fds(self._socket, [LENGTH.pack(len(data))], fds)
                self._socket.sendall(data)
                answer = self._socket.recv(PID.size, socket.MSG_WAITALL)
        except OSError as error:
            raise SandboxError(f"the fork server is gone: {error}") from error
        if len(answer) != PID.size:
            raise SandboxError("the fork server ended while starting a process")
        (guardian,) = PID.unpack(answer)
        if not guardian:
            raise SandboxError("the fork server cannot fork: too many processes or descriptors on this machine")
        return int(guardian)

    def close(self) -> None:
        """End the server and every process that it started."""
        self._socket.close()
        deadline = time.monotonic() + 5
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(max(0.1, deadline - time.monotonic()))
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._errors.close()
