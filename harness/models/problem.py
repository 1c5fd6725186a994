"""A problem: one KernelBench-style file, and the sizes that it may be graded at."""

from enum import StrEnum

from pydantic import Field

from harness.models.base import Record

SizeScalar = int | float | bool | str | None
SizeLiteral = SizeScalar | list[SizeScalar]
"""A list stands for a tuple or a list in the file; the file's own bracket is kept."""
Sizes = dict[str, SizeLiteral]
"""Module constant -> the literal that replaces its value."""


class Tier(StrEnum):
    """A set of sizes of one problem."""

    GPU = "gpu"
    """The sizes that the file holds: those of KernelBench v0.1 and later."""
    CPU = "cpu"
    """2-80 ms of eager time on two desktop cores, under 1 GiB."""
    CI = "ci"
    """Under 20 ms, at most about a million elements: fit for interpreters and tests."""


def _only_gpu() -> dict[Tier, Sizes]:
    return {Tier.GPU: {}}


class Problem(Record):
    """One workload as found on disk, before a tier is chosen."""

    id: str
    """`level1/23`, or the file's stem for a problem that was given by path."""
    name: str
    """KernelBench's name of the problem, for example `Softmax`."""
    source: str
    """The whole file as it is on disk, `TIERS` and `UNSEEN` included."""
    sha256: str
    """Digest of `source`."""
    tiers: dict[Tier, Sizes] = Field(default_factory=_only_gpu)
    """The tiers that this problem has; `gpu` changes nothing."""
    unseen: list[Sizes] = Field(default_factory=list)
    """Sizes that are never shown to a model, to see whether a kernel generalises."""
    origin: str = ""
    """Where it was found: a path relative to the suite, or the path that the user gave."""


class Workload(Record):
    """A problem at one choice of sizes: exactly the text that a model sees and that is graded."""

    problem_id: str
    """Id of the problem."""
    name: str
    """Name of the problem."""
    tier: Tier
    """The tier whose sizes stand in `source`."""
    source: str
    """A plain KernelBench file of exactly these sizes, without `TIERS` and `UNSEEN`."""
    sha256: str
    """Digest of `source`."""
