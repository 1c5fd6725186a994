"""The quiet that timing needs: one timed evaluation at a time on this machine, on cores of its own."""

import contextlib
import fcntl
import os
import threading
from collections.abc import Iterator
from pathlib import Path

from harness.build.cache import writing

TIMING_LOCK = "timing.lock"
"""Its name in the folder of caches."""


@contextlib.contextmanager
def timing_lock(path: Path) -> Iterator[None]:
    """Be the only process of this user, among those that ask, that times or would disturb timing.

    Raises:
        StoreError: the cache folder cannot be written.
    """
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = path.open("w")
    with handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


class Machine:
    """Shares the machine between builds (many at a time) and judging (alone)."""

    def __init__(self, threads: int, lock_path: Path) -> None:
        available = sorted(os.sched_getaffinity(0))
        self.cores = len(available)
        """Cores that this process may use."""
        self.timing_cores = tuple(available[-threads:])
        """Cores that candidate and reference are pinned to."""
        rest = [c for c in available if c not in self.timing_cores]
        self.judge_core: int | None = rest[0] if rest else None
        """Core that the judge waits on; None where it has to share, and then it never spins."""
        self._lock_path = lock_path
        self._condition = threading.Condition()
        self._builders = 0
        self._waiting = 0
        self._quiet = False

    @contextlib.contextmanager
    def busy(self) -> Iterator[None]:
        """Be one of several that build. Waits while somebody times or waits to."""
        with self._condition:
            self._condition.wait_for(lambda: not self._quiet and not self._waiting)
            self._builders += 1
        try:
            yield
        finally:
            with self._condition:
                self._builders -= 1
                self._condition.notify_all()

    @contextlib.contextmanager
    def quiet(self) -> Iterator[None]:
        """Be alone: no build of this judge, and no timing of another process of this user."""
        with self._condition:
            self._waiting += 1
            self._condition.wait_for(lambda: not self._quiet and not self._builders)
            self._waiting -= 1
            self._quiet = True
        try:
            with timing_lock(self._lock_path):
                yield
        finally:
            with self._condition:
                self._quiet = False
                self._condition.notify_all()
