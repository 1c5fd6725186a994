"""Calls of a candidate that are sampled from outside: which lines and libraries its time goes to.

The worker takes no part: the kernel notes where its threads are. Nothing is timed or compared in these calls.
"""

import bisect
import contextlib
import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.judge.opening import Opener
from harness.judge.outcome import Decided
from harness.judge.profile_events import KERNEL, PERIOD_NS, Events, NotPermitted
from harness.judge.reference import Reference, fresh_seed
from harness.judge.session import Session
from harness.models import Counter as ProcessorCounter
from harness.models import Operator, Stage, printable

LEAST_CALLS, MOST_CALLS = 3, 300
BUDGET_S = 3.0
"""Wall time of all sampled calls; copying inputs takes a part of it."""
ENOUGH_SAMPLES = 5_000
"""After which the calls end: a share of 1 % is then known to a seventh of itself."""
FEW_SAMPLES = 200
"""Below which shares are rough: 10 % is known to a fifth of itself."""
MOST_OPERATORS = 20
MAX_NAME = 80
KNOWN = (
    (r"python3?[\d.]*|libpython\S*", "the Python interpreter"),
    (r"libtorch\S*|libc10\S*|libmkl\S*|libdnnl\S*|libopenblas\S*", "PyTorch's own operators"),
    (r"libm\.so\S*|libm-\S*|libmvec\S*", "exp, log and the like"),
    (r"libgomp\S*|libiomp\S*", "OpenMP: starting threads and waiting for them"),
    (r"libc\.so\S*|libc-\S*", "malloc, memcpy and the like"),
)
"""Files -> what time in them means."""
IN_KERNEL = "the operating system (page faults, clearing memory)"


@dataclass(frozen=True)
class Mapped:
    """One stretch of a process's memory that holds code."""

    start: int
    end: int
    offset: int
    """Where in the file `start` is; the linker gives code the same address."""
    name: str
    """Name of the file; may be empty."""


@dataclass(frozen=True)
class Sampled:
    """What sampling came to."""

    source: str
    """How, for people."""
    calls: int = 0
    """Calls that were sampled."""
    operators: tuple[Operator, ...] = ()
    """Places, longest first."""
    counters: tuple[ProcessorCounter, ...] = ()
    """The processor's and the kernel's counters over these calls."""
    notes: tuple[str, ...] = ()
    """What is to be said of it."""


def sample(
    opener: Opener, reference: Reference, lines: Mapping[str, Mapping[int, str]], timeout_s: float, own: str
) -> Sampled:
    """Call the candidate in a worker of its own and sample it.

    `lines` has for each library of the candidate, by file name, the lines of its addresses; `own` is the name of our own
    library in the worker, which is left out.

    Raises:
        Decided: the candidate failed in one of these calls, which are not judged.
        SandboxError: no process could be started.
    """
    with opener.candidate(reference) as session:
        inputs = reference.inputs(fresh_seed())
        session.call(inputs, None, Stage.DONE, timeout_s, opener.build)  # what happens once is not sampled
        try:
            with Events(session.pid) as events:
                addresses, calls = _calls(session, events, inputs, timeout_s)
                counters = tuple(events.counters())
            maps = mapped(Path(f"/proc/{session.pid}/maps").read_text())
        except (NotPermitted, OSError) as error:
            return Sampled("not sampled", notes=(f"not sampled: {error}",))
    found = attribute(addresses, maps, lines, own)
    total = sum(found.values())
    operators = tuple(
        Operator(name=name, self_ns=count * PERIOD_NS, share=count / total)
        for name, count in found.most_common(MOST_OPERATORS)
    )
    few = (f"only {total} samples in {calls} calls: shares are rough",) if total < FEW_SAMPLES else ()
    source = f"{total} samples from outside, one per {PERIOD_NS // 1000} us of CPU time, over {calls} untimed calls"
    return Sampled(source, calls, operators, counters, few)


def _calls(session: Session, events: Events, inputs: list[object], timeout_s: float) -> tuple[list[int], int]:
    """Make calls until there are samples enough, or time is up; return the addresses and the number of calls."""
    addresses: list[int] = []
    deadline = time.monotonic() + BUDGET_S
    for number in range(1, MOST_CALLS + 1):
        events.enable()
        try:
            session.call(inputs, None, Stage.DONE, timeout_s)
        finally:
            events.disable()
        addresses += events.samples()
        if number >= LEAST_CALLS and (len(addresses) >= ENOUGH_SAMPLES or time.monotonic() > deadline):
            break
    return addresses, number


def mapped(text: str) -> list[Mapped]:
    """Return the executable stretches in `/proc/<pid>/maps`, by address."""
    found = []
    for row in text.splitlines():
        if match := re.match(r"([0-9a-f]+)-([0-9a-f]+) ..x. ([0-9a-f]+) \S+ \d+ *(.*)", row):
            start, end, offset = (int(part, 16) for part in match.groups()[:3])
            found.append(Mapped(start, end, offset, match[4].rpartition("/")[2]))
    return sorted(found, key=lambda each: each.start)


def attribute(
    addresses: list[int], maps: list[Mapped], lines: Mapping[str, Mapping[int, str]], own: str
) -> Counter[str]:
    """Return how many of `addresses` lie in each place; those in the library `own` belong to nobody."""
    found: Counter[str] = Counter()
    starts = [each.start for each in maps]
    for address, count in Counter(addresses).items():
        if address >= KERNEL:
            found[IN_KERNEL] += count
            continue
        index = bisect.bisect_right(starts, address) - 1
        area = maps[index] if index >= 0 and address < maps[index].end else Mapped(0, 0, 0, "")
        if area.name == own:
            continue
        known = lines.get(area.name)
        if known is not None:
            line = known.get(address - area.start + area.offset)
            found[line or "the candidate's library, outside of its own lines"] += count
        else:
            found[_named(area.name)] += count
    return found


def _named(file: str) -> str:
    file = printable(file)[:MAX_NAME]  # the candidate's own files as well
    meaning = next((words for pattern, words in KNOWN if re.fullmatch(pattern, file)), "")
    return f"{file} ({meaning})" if meaning else file or "memory without a file"


@contextlib.contextmanager
def undecided(notes: list[str]) -> Iterator[None]:
    """Turn a candidate's failure in a call that is not judged into a note."""
    try:
        yield
    except Decided as failure:
        notes.append(f"the sampled calls failed: {failure.evidence.what}")
