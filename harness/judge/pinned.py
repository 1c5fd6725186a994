"""Both sides run on the same cores, as many as they have threads, and what these cores were like meanwhile is kept."""

import os
from collections.abc import Iterator

from harness.devices import conditions
from harness.errors import JudgeError
from harness.models import Conditions, Measurement

CLOCK_CHANGE = 0.1
"""Relative change of a core's clock that a reader is told of."""
LOAD_PER_CORE = 1.5
"""Load average per core above which a reader is told: candidate, reference and judge take turns and make about one."""


class Pinned:
    """The cores of one measurement, and the machine's state before it."""

    def __init__(self, cores: tuple[int, ...]) -> None:
        self.cores = cores
        """Cores that both sides are pinned to."""
        self.before: Conditions = conditions.read(cores)
        """The machine before the first pair."""

    def check(self, candidate: int, reference: int) -> None:
        """Ask the kernel where the two processes may run (stops: one side with more cores than the other).

        Seccomp forbids a worker to change it, so a difference is the harness's fault or the machine's.

        Raises:
            JudgeError: they may run on different cores, or on others than were chosen.
        """
        try:
            ours, theirs = os.sched_getaffinity(candidate), os.sched_getaffinity(reference)
        except ProcessLookupError:
            return  # a worker that has died says so at its next call
        if ours != theirs or ours != set(self.cores):
            raise JudgeError(
                f"candidate and reference are not pinned alike: cores {sorted(ours)} and {sorted(theirs)}, "
                f"wanted {sorted(self.cores)} (is the cpuset of this machine being changed?)"
            )

    def after(self) -> Conditions:
        """Return the machine's state now."""
        return conditions.read(self.cores)

    def notes(self, measurement: Measurement) -> Iterator[str]:
        """Yield what a reader of the times has to know of the machine."""
        before, after = measurement.before, measurement.after
        if before is None or after is None:
            return
        cores = os.cpu_count() or 1
        if (load := max(before.load_1m, after.load_1m)) > LOAD_PER_CORE * cores:
            yield f"timed on a busy machine: load average {load:.1f} on {cores} core{'s' if cores > 1 else ''}"
        for core, was, now in zip(self.cores, before.frequency_mhz, after.frequency_mhz, strict=False):
            if abs(now - was) > CLOCK_CHANGE * was:
                yield f"the clock of core {core} changed while it was timed: from {was} to {now} MHz"
