"""Finding and ending a whole process tree. In a pid namespace the kernel does it; this is for machines without."""

import contextlib
import os
import signal
from pathlib import Path

ROUNDS = 50
"""A tree that forks faster than it is killed is given up on; its limit on processes holds it."""


def descendants(root: int) -> list[int]:
    """Return the pids below `root`, nearest first, as /proc shows them now."""
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError, ValueError):
                state, parent = Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()[:2]
                if state not in "ZX":
                    children.setdefault(int(parent), []).append(int(entry))
    found: list[int] = []
    queue = [root]
    while queue:
        queue = [child for pid in queue for child in children.get(pid, [])]
        found += queue
    return found


def end_tree(guardian: int) -> None:
    """Kill a guardian, its init and everything below.

    The init goes after the rest: it adopts what loses its parent, so that nothing slips away while the tree is taken down.
    Its death takes what is left of a pid namespace.
    """
    for _ in range(ROUNDS):
        init, *rest = descendants(guardian) or [0]
        if not rest:
            break
        for pid in rest:
            _kill(pid)
    for pid in (init, guardian):
        if pid:
            _kill(pid)


def end_below() -> None:
    """Kill everything below this process, which has adopted what lost its parent."""
    for _ in range(ROUNDS):
        rest = descendants(os.getpid())
        if not rest:
            return
        for pid in rest:
            _kill(pid)


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)
