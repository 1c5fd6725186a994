"""The A/A test: references judged as their own candidates, and what that says of a machine's times."""

from pydantic import Field

from harness.models.base import Record
from harness.models.measurement import Conditions, Speedup
from harness.models.problem import Tier
from harness.models.verdict import Status


class AAReading(Record):
    """One reference judged against itself. Its speedup is 1 by construction."""

    problem_id: str
    """Problem."""
    round: int
    """Which repeat, from 1."""
    status: Status
    """What the judge came to: `correct`, or `inconclusive` where the machine was too noisy."""
    speedup: Speedup | None
    """What was measured; null where that was no answer."""
    warm_ratio: float | None = None
    """Ratio of the pairs with warm caches; null without any."""
    pairs: int = 0
    """Pairs that were timed."""
    stopped: str | None = None
    """Why sampling ended."""
    reference_ns: int = 0
    """Median time of the reference."""
    elapsed_ns: int = 0
    """Wall time of the whole judgement."""
    before: Conditions | None = None
    """The machine before the first pair."""
    after: Conditions | None = None
    """The machine after the last pair."""


class AASummary(Record):
    """What readings say together. Shares are of all readings, those without an answer included."""

    readings: int
    """How many there are."""
    unanswered: int
    """Readings without a speedup."""
    bias: float
    """Median ratio minus 1."""
    spread: float
    """Standard deviation of the logarithms of the ratios: 0.01 is one per cent."""
    coverage: float
    """Share of the answers whose 95 % interval contains 1."""
    false_faster: float
    """Share with the whole interval above 1; about 0.025 is promised."""
    false_faster_5: float
    """Share with the whole interval above 1 and a median of over 1.05."""
    resolution: float | None
    """Smallest difference that four in five of the readings would have told from none, in either direction; null where
    too many gave no answer."""


class AAReport(Record):
    """One A/A test of one machine."""

    measured_at: str
    """When it ended, ISO 8601 with zone."""
    complete: bool
    """Whether every reading that was asked for is there."""
    tier: Tier
    """Sizes."""
    threads: int
    """Threads, and cores, of either side."""
    cold_cache: bool = True
    """Whether caches were evicted before each call."""
    machine: dict[str, str] = Field(default_factory=dict)
    """What the times depend on: processor, cores."""
    readings: list[AAReading]
    """In the order in which they were made."""
    summary: AASummary | None
    """What they say together; null without any."""
    can_tell_5_percent: bool
    """Whether this machine tells differences of 5 %."""
    line: str
    """The same in words."""
