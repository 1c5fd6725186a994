"""Linux's performance events on a process that is not ours to change: counters, and samples of where it is.

perf_event_open(2), through ctypes: the process itself takes no part and cannot tell. What this machine does not permit or
does not have is said, never guessed.
"""

import contextlib
import ctypes
import dataclasses
import errno
import fcntl
import mmap
import os
import platform
import struct
from collections.abc import Iterable
from pathlib import Path

from harness.models import Counter

SYSCALL = {"x86_64": 298, "aarch64": 241}
"""Number of perf_event_open(2)."""
PERIOD_NS = 100_000
"""CPU time between two samples of a thread."""
PAGES = 64
"""Of one thread's buffer on one core: 10,000 samples, or a second."""
MOST_THREADS = 64
_ATTRIBUTES = struct.Struct("=IIQQQQQIIQQQQIiQIHH")
"""`struct perf_event_attr`, version 5."""
_SOFTWARE, _HARDWARE = 1, 0
_CPU_CLOCK = 0
_DISABLED, _INHERIT, _NO_KERNEL, _NO_HYPERVISOR = 1, 2, 1 << 5, 1 << 6
_IP_AND_TID = 1 | 2
_TIMES = 1 | 2  # enabled, running
_ENABLE, _DISABLE = 0x2400, 0x2401
_HEAD, _TAIL, _SAMPLE = 1024, 1032, 9
KERNEL = 1 << 63
"""Addresses from here on are the kernel's."""
COUNTERS = {
    "task-clock": (_SOFTWARE, 1, "ns"),
    "page-faults": (_SOFTWARE, 2, "events"),
    "cycles": (_HARDWARE, 0, "cycles"),
    "instructions": (_HARDWARE, 1, "instructions"),
    "cache-misses": (_HARDWARE, 3, "events"),
    "branch-misses": (_HARDWARE, 5, "events"),
}
"""perf's name -> type, number and unit."""


class NotPermitted(Exception):
    """An event that this machine does not give; the message says why."""


def why(number: int) -> str:
    """Return what an error number of perf_event_open(2) means for whoever wants the event."""
    if number in (errno.ENOENT, errno.EOPNOTSUPP, errno.ENODEV, errno.EINVAL):
        return "this processor does not offer it (virtual machines mostly hide the counters)"
    if number in (errno.EACCES, errno.EPERM):
        return f"not permitted: kernel.perf_event_paranoid is {_paranoid()}, or a sandbox forbids it"
    return f"perf_event_open: {os.strerror(number)}"


def _paranoid() -> str:
    try:
        return Path("/proc/sys/kernel/perf_event_paranoid").read_text().strip()
    except OSError:
        return "unknown"


def open_event(kind: int, number: int, tid: int, cpu: int, *, sample: bool) -> int:
    """Return the descriptor of an event on one thread and those that it will start; disabled at first.

    Raises:
        NotPermitted: this machine does not give it.
    """
    call = SYSCALL.get(platform.machine())
    if call is None:
        raise NotPermitted(f"not known how on {platform.machine()}")
    found = errno.ENOSYS
    for flags in (_DISABLED | _INHERIT, _DISABLED | _INHERIT | _NO_KERNEL | _NO_HYPERVISOR):
        period, wanted, read = (PERIOD_NS, _IP_AND_TID, 0) if sample else (0, 0, _TIMES)
        raw = _ATTRIBUTES.pack(
            kind, _ATTRIBUTES.size, number, period, wanted, read, flags, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
        )
        attributes = ctypes.create_string_buffer(raw, len(raw))
        fd = ctypes.CDLL(None, use_errno=True).syscall(call, attributes, tid, cpu, -1, 8)
        if fd >= 0:
            return int(fd)
        found = ctypes.get_errno()
        if found not in (errno.EACCES, errno.EPERM):
            break
    raise NotPermitted(why(found))


@dataclasses.dataclass(frozen=True)
class Ring:
    """A thread's samples on one core, as the kernel writes them."""

    fd: int
    memory: mmap.mmap

    def drain(self) -> list[int]:
        """Take the addresses that have been sampled since."""
        head, tail = struct.unpack_from("=QQ", self.memory, _HEAD)
        size = PAGES * mmap.PAGESIZE
        raw = self.memory[mmap.PAGESIZE :]
        found = []
        while tail < head:
            at = tail % size
            kind, _, length = struct.unpack("=IHH", (raw[at:] + raw[:8])[:8])
            if length < 8:
                break
            if kind == _SAMPLE:
                begin = (at + 8) % size
                found.append(int.from_bytes((raw[begin : begin + 8] + raw)[:8], "little"))
            tail += length
        struct.pack_into("=Q", self.memory, _TAIL, head)
        return found


class Events:
    """Samples and counters of all threads of a process. A context manager."""

    def __init__(self, pid: int) -> None:
        """Attach to the threads that there are; those that they start are followed.

        Raises:
            NotPermitted: this machine samples nobody.
        """
        self._rings: list[Ring] = []
        self._counters: dict[str, list[int]] = {}
        self._refused: dict[str, str] = {}
        tids = [int(name) for name in os.listdir(f"/proc/{pid}/task")][:MOST_THREADS]
        try:
            for cpu in sorted(os.sched_getaffinity(pid)):
                for tid in tids:
                    self._rings.append(self._ring(tid, cpu))
            for name, (kind, number, _) in COUNTERS.items():
                try:
                    self._counters[name] = []
                    self._counters[name] += [open_event(kind, number, tid, -1, sample=False) for tid in tids]
                except NotPermitted as error:
                    self._refused[name] = str(error)
        except BaseException:
            self.close()
            raise

    @staticmethod
    def _ring(tid: int, cpu: int) -> Ring:
        fd = open_event(_SOFTWARE, _CPU_CLOCK, tid, cpu, sample=True)
        try:
            return Ring(fd, mmap.mmap(fd, (1 + PAGES) * mmap.PAGESIZE))
        except OSError as error:
            os.close(fd)
            raise NotPermitted(f"no buffer for samples: {error.strerror}") from None

    def enable(self) -> None:
        """Begin to sample and count."""
        self._all(_ENABLE)

    def disable(self) -> None:
        """Stop both."""
        self._all(_DISABLE)

    def _all(self, request: int) -> None:
        for fd in self._fds():
            fcntl.ioctl(fd, request, 0)

    def _fds(self) -> Iterable[int]:
        return [*(ring.fd for ring in self._rings), *(fd for fds in self._counters.values() for fd in fds)]

    def samples(self) -> list[int]:
        """Take the addresses that have been sampled since the last time."""
        return [address for ring in self._rings for address in ring.drain()]

    def counters(self) -> list[Counter]:
        """Return all counters; those that are not to be had with the reason. Scaled where the processor took turns."""
        found = []
        for name, (_, _, unit) in COUNTERS.items():
            if name in self._refused:
                found.append(Counter(name=name, unit=unit, reason=self._refused[name]))
                continue
            total = 0.0
            for fd in self._counters[name]:
                value, enabled, running = struct.unpack("=QQQ", os.read(fd, 24))
                total += value * enabled / running if running else 0
            found.append(Counter(name=name, value=total, unit=unit))
        return found

    def close(self) -> None:
        """Let go of the process. Idempotent."""
        for ring in self._rings:
            ring.memory.close()
        for fd in self._fds():
            with contextlib.suppress(OSError):
                os.close(fd)
        self._rings.clear()
        self._counters.clear()

    def __enter__(self) -> "Events":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
