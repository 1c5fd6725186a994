"""What the state of a search is made of, besides nodes: lanes, lessons, and the rules that decide how events are folded."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from harness.search.archives import All, Archive
from harness.search.nodes import Node

if TYPE_CHECKING:
    from harness.search.state import SearchState


class Observer(Protocol):
    """Statistics that a policy keeps; a part of the fold, so they are the same after a crash."""

    def reserved(self, node: Node, state: "SearchState") -> None:
        """Take a new expansion into account."""

    def judged(self, node: Node, state: "SearchState") -> None:
        """Take a verdict into account."""


class Watcher(Protocol):
    """Whatever keeps statistics: a policy."""

    def observer(self) -> Observer | None:
        """Return new statistics, or None where the state itself is enough."""


@dataclass(frozen=True)
class Rules:
    """What of a strategy decides how events are folded."""

    seed: int = 0
    """Seed of every random choice."""
    lanes: int = 1
    """Sub-searches."""
    archive: Archive = field(default_factory=All)
    """Who survives."""
    watcher: Watcher | None = None
    """Who keeps statistics."""


@dataclass
class Lane:
    """One sub-search."""

    judged: list[Node] = field(default_factory=list)
    """Its judged nodes, in order, without those that could not be judged."""
    counted: list[Node] = field(default_factory=list)
    """Those of them that policies may choose."""
    passed: list[Node] = field(default_factory=list)
    """Those of these that are correct."""
    best: Node | None = None
    """The best of them that is no duplicate."""
    pending: int = 0
    """Expansions that are reserved and not done."""
    spent: dict[str, int] = field(default_factory=dict)
    """Its share of the accounts."""

    def take(self, node: Node) -> None:
        """Take note of a judged node."""
        self.judged.append(node)
        if not node.counted:
            return
        self.counted.append(node)
        if node.passed:
            self.passed.append(node)
        if self.best is None or node.rank > self.best.rank:
            self.best = node

    @property
    def newest(self) -> Node | None:
        """The judged node that is last in order."""
        return self.judged[-1] if self.judged else None


@dataclass(frozen=True)
class Lesson:
    """Something that the search has learnt."""

    text: str
    """One sentence."""
    keep: bool
    """True: worth trying. False: to be avoided."""
    evidence: str
    """Node that it comes from."""
