"""Holds times against the machine's peaks: accuses where they are impossible, and says what share they reach."""

from collections.abc import Callable, Sequence
from statistics import median
from typing import TYPE_CHECKING

from harness.build import BuildCache, compile_trusted
from harness.devices.peaks import SOURCE, Peaks, compiler_arguments, known, measure
from harness.errors import HarnessError
from harness.judge import integrity
from harness.judge.outcome import Decided
from harness.judge.timing import counted
from harness.judge.work import bytes_of, tensors, work_of
from harness.models import Roofline
from harness.score.roofline_cpu import cpu_roofline

if TYPE_CHECKING:
    from harness.judge.oracle import Oracle
    from harness.judge.tally import Tally


class Roof:
    """The peaks of the cores that candidates are timed on, measured when they are first asked for."""

    def __init__(self, cache: BuildCache, cores: Sequence[int]) -> None:
        self._cache = cache
        self._cores = tuple(cores)
        self._peaks: Peaks | None = None
        self._missing: str | None = None

    def draw(
        self, oracle: "Oracle", tally: "Tally", *, cold_cache: bool, progress: Callable[[str], None], notes: list[str]
    ) -> Roofline | None:
        """Return where the times in `tally` stand; None, and a note, where the machine's peaks cannot be measured.

        Call it only in the machine's quiet, with no worker running.

        Raises:
            Decided: a time is impossible. The peaks are measured anew before anybody is accused.
        """
        try:
            found = self.peaks(progress)
            self._check(found, oracle, tally, progress)
        except HarnessError as error:
            notes.append(f"no roofline: {error}")
            return None
        ours, theirs = medians(tally)
        return cpu_roofline(work_of(oracle.reference, oracle.layouts), found, ours, theirs, cold_cache=cold_cache)

    def peaks(self, progress: Callable[[str], None], *, anew: bool = False) -> Peaks:
        """Return the peaks, measured where they are not known, or where `anew` asks for it; a peak never falls.

        Raises:
            HarnessError: they cannot be measured; that is found out once.
        """
        if self._missing is not None:
            raise HarnessError(self._missing)
        found = self._peaks or known(self._cache.root, len(self._cores))
        if found is None or anew:
            progress("measuring this machine's peaks, once")
            try:
                library = compile_trusted(SOURCE, self._cache, compiler_arguments())
                found = measure(self._cache.root, library, self._cores)
            except HarnessError as error:
                self._missing = str(error)
                raise
        self._peaks = found
        return found

    def _check(self, found: Peaks, oracle: "Oracle", tally: "Tally", progress: Callable[[str], None]) -> None:
        inputs = sum(map(bytes_of, tensors(oracle.reference)))
        for again in (True, False):
            caches = found.cache_bytes["l2"] + found.cache_bytes["llc"]
            rate = max(found.bytes_per_s["dram"]["read"], found.bytes_per_s["dram"]["copy"] / 2)
            try:
                integrity.check_dram(tally.candidate_ns, tally.reference_ns, inputs, caches, rate)
            except Decided:
                if not again:
                    raise
                found = self.peaks(progress, anew=True)


def medians(tally: "Tally") -> tuple[int, int]:
    """Return the median times (candidate's, reference's) of the pairs that count, in ns."""
    kept = counted(tally.preempted, len(tally.candidate_ns))
    ours, theirs = (
        [time_ns for time_ns, is_kept in zip(times, kept, strict=True) if is_kept]
        for times in (tally.candidate_ns, tally.reference_ns)
    )
    return round(median(ours)), round(median(theirs))
