"""Baselines of one workload on one machine: what eager PyTorch and torch.compile take, by the protocol of candidates."""

from pydantic import Field

from harness.models.base import SCHEMA_VERSION, Record
from harness.models.measurement import Speedup
from harness.models.problem import Tier
from harness.models.verdict import Status


class BaselineConditions(Record):
    """What a baseline holds for. Where one of these differs, it is not used and measured again."""

    problem_id: str
    """Id of the problem."""
    tier: Tier
    """Sizes."""
    workload_sha256: str
    """Digest of the problem's text at these sizes."""
    threads: int
    """Threads that either side may use."""
    cold_cache: bool
    """Whether the last-level cache was evicted before each call."""
    device: dict[str, str]
    """Fingerprint of the machine: processor, vector units, cores, cache."""
    versions: dict[str, str]
    """Versions of the harness, torch, Python and the C++ compiler."""


class BaselineForm(Record):
    """One form of the reference, paired with eager calls on the same fresh inputs, every output compared."""

    status: Status
    """What the judge said of it; only `correct` has times, and `no_code` is a form that could not be had."""
    reason: str = ""
    """Why there are no times, one line; empty where there are."""
    speedup: Speedup | None = None
    """Eager time over this form's, with its 95 % interval. For eager itself the control: it should contain 1."""
    eager_ns: int | None = None
    """Median time of the eager calls that it was paired with, doorbell included."""
    form_ns: int | None = None
    """Median time of its own calls, doorbell included."""
    pairs: int = 0
    """Pairs of calls that were timed."""
    stopped: str | None = None
    """Why sampling ended: `interval`, `trials` or `time`."""
    source_sha256: str | None = None
    """Digest of the module that was judged. Equal digests are the same code, judged once."""


class Baseline(Record):
    """All forms of one workload that were measured in one session."""

    schema_version: int = SCHEMA_VERSION
    """Version of this record."""
    conditions: BaselineConditions
    """What it holds for."""
    measured: str
    """When, in UTC."""
    load_1m: float | None = None
    """Load of the machine over the minute before it was written down: above the number of cores others worked there too."""
    forms: dict[str, BaselineForm] = Field(default_factory=dict)
    """`eager`, `compile` (torch.compile as it is) and `max-autotune`."""
