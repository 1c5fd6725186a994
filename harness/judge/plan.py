"""Which calls one pair of processes gets, and in which order. Pure: a random generator in, a list out.

There is no correctness phase that a candidate could recognise: probes with known float64 answers, varied inputs, changed
single elements and counted calls are shuffled together, and only the judge knows which is which.
"""

import dataclasses
import random
from enum import StrEnum


class CallKind(StrEnum):
    """What a call is for."""

    WARM_UP = "warm-up"
    """Published inputs; compared, not counted."""
    PROBE = "probe"
    """Inputs with a float64 answer; compared strictly, not counted."""
    ONE_ELEMENT = "one element changed"
    """The previous call's inputs but for one element; compared, not counted."""
    TIMED = "timed"
    """Fresh published inputs; compared and counted."""
    WARM = "warm"
    """As timed, with caches as the call before left them; compared, and counted apart."""


@dataclasses.dataclass(frozen=True)
class Call:
    """One planned call."""

    kind: CallKind
    probe: int = -1
    """Which probe, for `PROBE`."""
    reference_first: bool = False
    """Order within the pair."""


FIRST_WARM_UPS, WARM_UPS = 3, 1
"""In a first block as many as there are output buffers in turn (the newest, and two that are kept for a second look):
the worker that asked for the first build did not know their sizes. Later workers have touched them beforehand."""
PAIRS_PER_BLOCK = 5


def block(random_: random.Random, probes: list[int], pairs: int, *, first: bool) -> list[Call]:
    """Plan one block: warm-ups, then probes, counted pairs and (in a first block) a changed element, in random order."""
    warm = [
        Call(CallKind.WARM_UP, reference_first=random_.random() < 0.5)
        for _ in range(FIRST_WARM_UPS if first else WARM_UPS)
    ]
    order = random_.random() < 0.5
    rest = [Call(CallKind.PROBE, probe, random_.random() < 0.5) for probe in probes]
    # The order within pairs alternates, so that a drift of the machine favours neither side.
    rest += [Call(CallKind.TIMED, reference_first=(i % 2 == 0) == order) for i in range(pairs)]
    random_.shuffle(rest)
    if first:
        at = random_.randrange(len(rest) + 1)
        rest.insert(at, Call(CallKind.ONE_ELEMENT, reference_first=random_.random() < 0.5))
    return warm + rest


WARM_SHARE = 10
"""One warm pair for so many calls before it. A pair takes no flush and no new processes, so that all of them together add
less than a tenth to the time."""
WARM_PAIRS = range(3, 7)
"""Fewest and most of them; the first one warms the caches and is not counted."""


def warm(random_: random.Random, calls: int) -> list[Call]:
    """Plan the pairs that are read with warm caches, after `calls` with cold ones."""
    count = min(max(calls // WARM_SHARE, WARM_PAIRS.start), WARM_PAIRS.stop - 1)
    order = random_.random() < 0.5
    return [Call(CallKind.WARM, reference_first=(i % 2 == 0) == order) for i in range(count)]


def untimed(random_: random.Random, probes: list[int]) -> list[Call]:
    """Plan the calls where nothing is timed: a published probe first, since most mistakes show there, the rest shuffled."""
    first, rest = probes[:1], probes[1:]
    calls = [Call(CallKind.PROBE, probe, random_.random() < 0.5) for probe in rest]
    calls.append(Call(CallKind.WARM_UP, reference_first=random_.random() < 0.5))
    random_.shuffle(calls)
    calls.insert(
        random_.randrange(1, len(calls) + 1), Call(CallKind.ONE_ELEMENT, reference_first=random_.random() < 0.5)
    )
    return [*(Call(CallKind.PROBE, probe, random_.random() < 0.5) for probe in first), *calls]
