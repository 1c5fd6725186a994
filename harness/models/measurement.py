"""Times as they were measured, and the speedup that follows from them. Nanoseconds throughout."""

from pydantic import Field

from harness.models.base import Record


class Speedup(Record):
    """Reference time over candidate time, from paired calls; above 1 the candidate is faster."""

    median: float
    """Median of the paired ratios."""
    low: float
    """Lower end of the 95 % interval."""
    high: float
    """Upper end of the 95 % interval."""


class WarmReading(Record):
    """A few pairs whose caches were left as the calls before had made them; beside a cold measurement, never a score."""

    candidate_ns: list[int]
    """Times of the candidate's calls, in order."""
    reference_ns: list[int]
    """Times of the reference's calls on the same inputs."""
    ratio: float
    """Median of the paired ratios, reference over candidate. All pairs are of one pair of processes: it has no interval."""


class Conditions(Record):
    """What the machine was like at one moment."""

    load_1m: float
    """The kernel's load average over a minute; the harness's own processes are in it."""
    frequency_mhz: list[int] = Field(default_factory=list)
    """Clock of each core that timing uses; empty where the kernel does not say."""


class Measurement(Record):
    """Paired, interleaved times of one candidate and its reference on the judge's clock."""

    candidate_ns: list[int]
    """Time of each timed call of the candidate, doorbell cost included, in order."""
    reference_ns: list[int]
    """Time of the reference's call on the same inputs, in the same order."""
    candidate_worker_ns: list[int]
    """The candidate worker's own reading of the same calls; a second opinion that never decides."""
    block: list[int]
    """For each pair, which pair of fresh worker processes it came from."""
    doorbell_ns: int
    """Median cost of ringing a worker that computes nothing; the same on both sides and not subtracted."""
    threads: int
    """Threads that either side may use; both are pinned to as many cores."""
    cores: list[int] = Field(default_factory=list)
    """The cores that both sides were pinned to, as the kernel says of the running processes."""
    cold_cache: bool = True
    """Whether the last-level cache was evicted before each call."""
    stopped: str = "interval"
    """Why sampling ended: `interval` (narrow enough), `trials` or `time` (budget ended first)."""
    preempted: list[bool] = Field(default_factory=list)
    """Per pair, whether the kernel ran something else for over a tenth of either call; such a pair is not counted in
    the speedup, unless most are. Only known with one thread."""
    warm: WarmReading | None = None
    """The same with warm caches; null where the measurement itself is warm."""
    before: Conditions | None = None
    """The machine before the first pair."""
    after: Conditions | None = None
    """The machine after the last pair."""
    late_cpu_ns: list[int] = Field(default_factory=list)
    """CPU time of the candidate's process beyond what fits between ring and answer, per pair."""
