"""What earlier runs have taught: pairs of a slow and a fast kernel, and the best kernel of each question.

AccelOpt shows such pairs to its planner; KernelEvolve starts a new search from the best node of an earlier one. A pair that
comes from the very question that is asked is held back, and so is the best kernel, unless the strategy says `warm_start`:
a search that was shown them would be graded on what it was told.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field
from difflib import unified_diff

from pydantic import Field

from harness.search.tables import Table

DIFF_LINES = 60
"""Longest account of a change; what it leaves out is counted."""


class Experience(Table):
    """`[experience]`: what is taken over from the runs that lie beside this one."""

    items: int = Field(default=0, ge=0, le=20)
    """Pairs that a prompt shows, the greatest gains first; 0 for none. The prompt section is `experience`."""
    capacity: int = Field(default=16, ge=1, le=1000)
    """Pairs that are kept, the newest ones: first in, first out."""
    min_ratio: float = Field(default=1.2, gt=1)
    """Least ratio of the two speeds of a pair. Their intervals have to lie apart as well."""
    warm_start: bool = False
    """Whether a search begins with the best kernel that an earlier run has found for the same question, and may be shown
    pairs that come from it. Its numbers are not comparable with those of a search that began with nothing."""

    @property
    def wanted(self) -> bool:
        """Whether earlier runs have to be looked at."""
        return self.items > 0 or self.warm_start


@dataclass(frozen=True)
class Item:
    """A change that made a kernel faster."""

    problem_id: str
    """Where it comes from."""
    workload_sha256: str
    """Digest of the question."""
    language: str
    """Kernel language."""
    ratio: float
    """How many times as fast the second kernel is."""
    strategy: str
    """What its author said of the change."""
    change: str
    """The change, as a diff."""
    run: str
    """Run that it comes from."""

    def leaks(self, problem_id: str, references: Collection[str]) -> bool:
        """Whether it comes from the question `problem_id`, or from a reference with one of the digests."""
        return self.problem_id == problem_id or self.workload_sha256 in references


@dataclass(frozen=True)
class Prior:
    """The best kernel that is known for a question."""

    problem_id: str
    """The question's name."""
    workload_sha256: str
    """Digest of the question, sizes included."""
    language: str
    """Kernel language."""
    speedup: float
    """Lower end of its interval when it was judged; it is judged anew."""
    source: str
    """The module."""
    run: str
    """Run that it comes from."""


@dataclass(frozen=True)
class Memory:
    """What a run takes over. Fixed when the run begins, and kept with it."""

    items: tuple[Item, ...] = ()
    """Pairs, oldest first."""
    priors: tuple[Prior, ...] = field(default=())
    """One for each question and language."""

    def to_bytes(self) -> bytes:
        """Return the artefact."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False).encode("utf-8", "replace")

    @classmethod
    def from_bytes(cls, data: bytes) -> "Memory":
        """Read the artefact."""
        table = json.loads(data)
        items = tuple(Item(**item) for item in table["items"])
        return cls(items, tuple(Prior(**prior) for prior in table["priors"]))

    def shown(
        self, config: Experience, problem_id: str, references: Collection[str], language: str
    ) -> tuple[Item, ...]:
        """Return the pairs for a prompt, the greatest gain first."""
        allowed = [
            item
            for item in self.items
            if item.language == language and (config.warm_start or not item.leaks(problem_id, references))
        ]
        return tuple(sorted(allowed, key=lambda item: -item.ratio)[: config.items])

    def start(self, config: Experience, workload_sha256: str, language: str) -> Prior | None:
        """Return the kernel that a search of a question begins with, where its strategy says so and there is one."""
        if not config.warm_start:
            return None
        found = (each for each in self.priors if (each.workload_sha256, each.language) == (workload_sha256, language))
        return next(found, None)


def keep(items: Sequence[Item], item: Item, capacity: int) -> list[Item]:
    """Return `items` with one more at the end, the oldest dropped where there are too many; the same change once."""
    if any(item.change == other.change for other in items):
        return list(items)
    return [*items, item][-capacity:]


def diff(before: str, after: str) -> str:
    """Return how two modules differ, without line numbers, shortened."""
    lines = list(unified_diff(before.splitlines(), after.splitlines(), n=1, lineterm=""))[2:]
    kept = ["..." if line.startswith("@@") else line for line in lines[:DIFF_LINES]]
    left = len(lines) - len(kept)
    return "\n".join([*kept, f"[{left} more lines]"] if left > 0 else kept)
