"""What emulated and interpreted kernels report, as the judge takes it: a shared page, read as an untrusted copy.

The page can make a verdict worse, by a finding, and explain it. It never makes one better: a candidate that clears its
findings is in the position of one whose mistake was not found, on a device that gives no score.
"""

import dataclasses
import secrets
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from harness.build.symbols import Place
from harness.judge.outcome import Decided
from harness.judge.regions import SharedMemory
from harness.models import Finding, FindingKind, KernelProfile, Stage, Status
from harness.score import wording
from harness.worker import kernel_page

Locate = Callable[[list[Place]], dict[Place, str]]
"""Finds the candidate's lines; what is not found is left out."""
Operations = Callable[[list[Place]], dict[Place, Counter[str]]]
"""Finds what a lane computes in basic blocks, by type; what is not found is left out."""
MOST_THREADS = 1 << 26
"""Threads of one launch: at some 10 ns each they take a second. No problem at `ci` has a millionth part of use for more."""
MOST_ACCESSES = 40_000_000
"""Accesses of one call that are checked; at 0.3 us each they take 12 s."""
COUNTED_BLOCKS = 32
"""Blocks of a launch that counters are taken of."""
FAILING = {
    FindingKind.OUT_OF_BOUNDS: Status.RUNTIME_ERROR,
    FindingKind.MISALIGNED: Status.RUNTIME_ERROR,
    FindingKind.INVALID_LAUNCH: Status.RUNTIME_ERROR,
    FindingKind.DEADLOCK: Status.RUNTIME_ERROR,
    FindingKind.DIVERGENT_BARRIER: Status.RUNTIME_ERROR,
    FindingKind.RACE: Status.NONDETERMINISTIC,
    FindingKind.UNINITIALISED_SHARED: Status.NONDETERMINISTIC,
}
"""What a finding makes of a kernel whose outputs happened to be right, the likelier cause first: a read that comes before
its write is a race as well as a read of nothing. Others are told and do not decide."""


@dataclasses.dataclass(frozen=True)
class Report:
    """What one call's kernels reported."""

    findings: list[Finding]
    profiles: list[KernelProfile]
    notes: list[str]


class KernelPage:
    """The judge's side of the page of one worker."""

    def __init__(self, threads: int, *, check: bool) -> None:
        self.memory = SharedMemory("kernels", kernel_page.PAGE_BYTES)
        assert self.memory.map is not None
        self._page = kernel_page.Page.from_buffer(self.memory.map)
        self._threads = threads
        self._check = check
        self._calls = 0
        self.prepare()

    def prepare(self) -> None:
        """Set up the next call: no findings, and a schedule that is another one each time."""
        orders = (kernel_page.REVERSE, kernel_page.RANDOM)
        kernel_page.clear(self._page)
        kernel_page.set_options(
            self._page,
            threads=self._threads,
            order=orders[self._calls % 2] if self._calls and not self._check else kernel_page.FORWARD,
            seed=secrets.randbits(63),
            check=int(self._check),
            count=int(self._check),
            max_threads_per_launch=MOST_THREADS,
            max_accesses=MOST_ACCESSES,
            count_blocks=COUNTED_BLOCKS,
        )
        self._calls += 1

    def report(self, locate: Locate, operations: Operations | None = None) -> Report:
        """Return what the last call reported; `locate` finds the candidate's lines of all findings at once.

        `operations` finds what basic blocks compute, for the arithmetic of each launch; without it none is counted.
        """
        page = kernel_page.copied(bytes(memoryview(self._page).cast("B")))
        notes = []
        if page.accesses >= MOST_ACCESSES:
            notes.append(f"the checks looked at the first {MOST_ACCESSES:,} accesses of the call")
        if page.dropped:
            notes.append(f"{min(page.dropped, 1 << 31)} further findings were not kept")
        kept = page.finding[: min(page.findings, kernel_page.MAX_FINDINGS)]
        places = [(raw.library, pc) for raw in kept for pc in (raw.pc, raw.other_pc) if pc]
        lines = locate(places) if places else {}
        found = kernel_page.findings(page, lambda library, pc: lines.get((library, pc)))
        profiles = [_with_constants(profile) for profile in kernel_page.profiles(page)]
        if operations is not None:
            profiles = _with_arithmetic(profiles, kernel_page.executed(page), operations)
        return Report(found, profiles, notes)

    def close(self) -> None:
        """Give the memory back. Idempotent."""
        if self.memory.fd >= 0:
            del self._page
            self.memory.close()
            self.memory.fd = -1


def _with_constants(profile: KernelProfile) -> KernelProfile:
    """Take apart the name of a Triton launch, which brings its constants: `add|BLOCK=1024,num_warps=4`.

    Counters of an interpreted kernel are bytes alone: what it has not counted is left out.
    """
    name, bar, text = profile.kernel.partition("|")
    if not bar:
        return profile
    constants = dict(pair.split("=", 1) for pair in text.split(",") if "=" in pair)
    counters = {counter: value for counter, value in profile.counters.items() if value}
    return profile.model_copy(update={"kernel": name, "constants": constants, "counters": counters})


def _with_arithmetic(
    profiles: list[KernelProfile], executed: Mapping[int, Mapping[Place, int]], operations: Operations
) -> list[KernelProfile]:
    """Add what the launches' basic blocks computed to their counters."""
    if not executed:
        return profiles
    known = operations(list({place for blocks in executed.values() for place in blocks}))
    found = list(profiles)
    for number, blocks in executed.items():
        total: Counter[str] = Counter()
        for place, lanes in blocks.items():
            for kind, amount in known.get(place, Counter[str]()).items():
                total[kind] += amount * lanes
        counters = {**found[number].counters, **{kind: min(n, kernel_page.MAX_COUNT) for kind, n in total.items()}}
        found[number] = found[number].model_copy(update={"counters": counters})
    return found


def worst(findings: Sequence[Finding]) -> Finding | None:
    """Return the finding that decides: one of memory or launch before one of order, which may follow from it."""
    failing = [finding for finding in findings if finding.kind in FAILING]
    return min(failing, key=lambda finding: list(FAILING).index(finding.kind), default=None)


def condemned(finding: Finding) -> Decided:
    """Return the verdict on a kernel whose outputs were right and whose checks found this."""
    return Decided(
        FAILING[finding.kind],
        Stage.CORRECTNESS,
        f"{wording.finding(finding)}; the outputs were right all the same, which on a GPU they need not be",
        where=finding.where,
        expected="memory, launches and order of threads as CUDA defines them",
        got=f"{wording.kind(finding)}, {finding.count} times",
    )


def explained(failure: Decided, finding: Finding) -> Decided:
    """Return `failure` with what the checks found as its cause."""
    evidence = failure.evidence
    compared = failure.status in (Status.VALUE_MISMATCH, Status.NONFINITE)
    return Decided(
        failure.status,
        failure.stage,
        f"{evidence.what}; cause: {wording.finding(finding)}",
        where=evidence.where if compared else finding.where or evidence.where,
        expected=evidence.expected,
        got=evidence.got,
        log=evidence.log,
    )
