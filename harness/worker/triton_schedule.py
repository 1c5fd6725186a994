"""Runs the programs of one launch one after another, and lets one that waits for another wait.

A program that spins on an atomic operation (a lock that is held, a flag that another program sets, a barrier of the
whole grid) would spin for ever where programs run one by one. It is set aside on a thread of its own while others run;
only one thread runs at any time. When everybody waits and nothing changes, that is a deadlock, and told as one.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator

import numpy as np

from harness.worker.triton_api import Refused

PATIENCE = 64
"""Turns of a `while` with atomic operations before a program is taken to be waiting."""
MOST_ROUNDS = 2000
"""Times that everybody may be woken in vain."""
MOST_WAITING = 200
"""Programs that may wait at once: each has a thread, of which a sandbox allows 256. A GPU has 132 multiprocessors or so."""
STACK_BYTES = 16 << 20


class _Abandoned(BaseException):
    """Unwinds a waiting program whose launch has failed."""


class Schedule:
    """The programs of one launch."""

    def __init__(self, numbers: Iterator[int], enter: Callable[[int], None], body: Callable[[], None]) -> None:
        """`enter` makes a program the current one; `body` runs it."""
        self._numbers = numbers
        self._enter = enter
        self._body = body
        self._waiting: deque[threading.Lock] = deque()
        self._finished = threading.Lock()
        self._error: BaseException | None = None
        self._alive = 1
        self._vain = 0
        self._number = 0
        self._turns = 0
        self._polls = self._changes = -1

    def run(self) -> None:
        """Run all programs.

        Raises:
            BaseException: what the first failing program raised.
        """
        self._finished.acquire()
        self._work(None)
        self._finished.acquire()
        if self._error is not None:
            raise self._error

    def _work(self, first: int | None) -> None:
        """Run programs until none is left to start; then pass on to one that waits, or end."""
        try:
            with np.errstate(all="ignore"):
                number = first if first is not None else next(self._numbers, None)
                while number is not None and self._error is None:
                    self._begin(number)
                    self._body()
                    self._vain = 0
                    number = next(self._numbers, None)
        except _Abandoned:
            pass
        except BaseException as error:  # carried to the thread that launched
            self._error = self._error or error
        self._alive -= 1
        if self._waiting:
            self._waiting.popleft().release()
        elif not self._alive:
            self._finished.release()

    def _begin(self, number: int) -> None:
        self._number, self._turns = number, 0
        self._enter(number)

    def turn(self, polls: int, changes: int) -> None:
        """Called at each turn of a `while`, with how often the launch has looked at memory atomically and changed any.

        Raises:
            Refused: nobody can go on, or too many wait.
        """
        if changes != self._changes or polls == self._polls:
            self._vain = self._vain if changes == self._changes else 0
            self._turns = 0
        else:
            self._turns += 1
        self._changes, self._polls = changes, polls
        if self._turns >= (1 if self._vain else PATIENCE):
            self._wait()

    def _wait(self) -> None:
        """Set this program aside and let another go on."""
        self._vain += 1
        if self._vain > MOST_ROUNDS * (len(self._waiting) + 1):
            raise Refused("deadlock: every program of the launch waits for another")
        number, mine = self._number, threading.Lock()
        mine.acquire()
        following = next(self._numbers, None)
        if following is not None:
            if len(self._waiting) >= MOST_WAITING:
                raise Refused("more programs wait for each other than a GPU would run at once")
            self._waiting.append(mine)
            self._alive += 1
            self._start(following)
        elif self._waiting:
            self._waiting.append(mine)
            self._waiting.popleft().release()
        else:
            return  # alone: whatever it waits for, nobody is left to do it
        mine.acquire()
        if self._error is not None:
            raise _Abandoned
        self._begin(number)

    def _start(self, number: int) -> None:
        """Go on with program `number`, and those after it, on a thread of its own."""
        usual = threading.stack_size(STACK_BYTES)
        try:
            threading.Thread(target=self._work, args=(number,), daemon=True).start()
        finally:
            threading.stack_size(usual)


running: list[Schedule] = []
"""The schedule of the launch that runs; the last one counts."""
