"""Processes as /proc shows them: whose children they are, and whether they are really gone."""

import contextlib
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Process:
    """A process and not just its number, which the kernel gives away again."""

    pid: int
    """Its number."""
    start_ticks: int
    """When it began, in clock ticks since boot (proc(5), field 22 of `stat`)."""


def _stat(pid: int) -> list[str] | None:
    """Return the fields of /proc/PID/stat behind the name, from field 3 (state) on; None where it is gone."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return None


def descendants(root: int) -> set[Process]:
    """Return the processes below `root`."""
    children: dict[int, list[Process]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit() and (stat := _stat(int(entry))):
            children.setdefault(int(stat[1]), []).append(Process(int(entry), int(stat[19])))
    found: set[Process] = set()
    queue = [root]
    while queue:
        below = children.get(queue.pop(), [])
        found.update(below)
        queue += [process.pid for process in below]
    return found


def alive(processes: Iterable[Process]) -> set[Process]:
    """Return those that still run; a zombie runs no more."""
    return {
        process
        for process in processes
        if (stat := _stat(process.pid)) and int(stat[19]) == process.start_ticks and stat[0] not in "ZX"
    }


def wait_gone(processes: Iterable[Process], limit_s: float) -> set[Process]:
    """Poll until all are gone, or for `limit_s`; returns the ones that are left."""
    deadline = time.monotonic() + limit_s
    left = alive(processes)
    while left and time.monotonic() < deadline:
        time.sleep(0.02)
        left = alive(left)
    return left


def command_line(process: Process) -> str:
    """Return the command line of a process; empty where it is gone."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process.pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    return ""
