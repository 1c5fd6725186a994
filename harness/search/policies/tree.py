"""Policies that walk the tree of nodes: `uct` (KernelEvolve) and `epsilon_tree` (STARK)."""

import math
from dataclasses import dataclass, field
from typing import Literal

from pydantic import Field

from harness.search.nodes import Node
from harness.search.policies.base import Expansion, Policy, lane_of_next
from harness.search.ranking import Sorted, oldest_first
from harness.search.state import Observer, SearchState
from harness.search.tables import Table

ROOT = ""
"""Name of the root, whose children are the drafts."""

Rank = tuple[int, float, int, int]
_NOTHING: Rank = (-2, 0.0, 0, 0)


@dataclass
class Branch:
    """Statistics of a subtree."""

    visits: int = 0
    """Expansions in it, those under way included: a virtual visit sends parallel workers elsewhere."""
    total: float = 0.0
    """Sum of rewards."""
    most: float = 0.0
    """Greatest reward."""
    rank: Rank = _NOTHING
    """Rank of its best node; decides between equal values."""
    own: float = 0.0
    """Reward of the node at its top."""
    own_rank: Rank = _NOTHING
    """Rank of the node at its top."""


@dataclass
class TreeStats:
    """Visits and rewards of all subtrees, kept as the log is folded."""

    target: float
    """Speedup at which the reward is 1."""
    branches: dict[str, Branch] = field(default_factory=lambda: {ROOT: Branch()})
    """Node id -> statistics."""

    def reserved(self, node: Node, state: SearchState) -> None:
        """Add a virtual visit to the node and all above it."""
        for name in self._line(node, state):
            self.branches.setdefault(name, Branch()).visits += 1

    def judged(self, node: Node, state: SearchState) -> None:
        """Add the reward to the node and all above it; a further candidate of an expansion is a visit of its own."""
        reward = min(1.0, math.log1p(node.fitness) / math.log1p(self.target)) if node.passed else 0.0
        for name in self._line(node, state):
            branch = self.branches.setdefault(name, Branch())
            branch.visits += node.proposal > 0
            branch.total += reward
            branch.most = max(branch.most, reward)
            if node.counted:
                branch.rank = max(branch.rank, node.rank)
        own = self.branches[node.id]
        own.own, own.own_rank = reward, node.rank

    @staticmethod
    def _line(node: Node, state: SearchState) -> list[str]:
        names = [node.id]
        while node.parent is not None and node.parent in state.nodes:
            node = state.nodes[node.parent]
            names.append(node.id)
        return [*names, ROOT]


class Widen(Table):
    """Progressive widening: a node may have up to ceil(k0 N^a) children."""

    k0: float = Field(default=1.0, gt=0)
    a: float = Field(default=0.5, ge=0, le=1)


class Uct(Policy):
    """`uct`: from the root to the child with the greatest W/N + c sqrt(ln N_parent / N), to a node that may widen."""

    c: float = Field(default=1.4, ge=0)
    """Weight of exploration; 0 is greedy."""
    backup: Literal["max", "mean"] = "max"
    """Value of a subtree: its greatest reward or the mean of all."""
    target: float = Field(default=4.0, gt=0)
    """Speedup at which the reward is 1: r = min(1, ln(1+s) / ln(1+target))."""
    widen: Widen | Literal["own"] = Field(default_factory=Widen)
    """When a node gets another child: by its quota, or, with `own`, when its own reward beats all of its children's."""

    def select(self, state: SearchState, want: int) -> list[Expansion]:
        """Return the ends of `want` walks, each seeing the virtual visits of those before it."""
        extra: dict[str, int] = {}
        return [self._walk(state, extra, offset) for offset in range(want)]

    def observer(self) -> Observer:
        """Return new statistics of the tree."""
        return TreeStats(self.target)

    def _walk(self, state: SearchState, extra: dict[str, int], offset: int) -> Expansion:
        stats = state.observer
        assert isinstance(stats, TreeStats)
        at, children, path = ROOT, state.drafts, [ROOT]
        while True:
            open_children = [child for child in children if child.counted]
            visits = stats.branches[at].visits + extra.get(at, 0)
            if not open_children or self._stops(stats, at, visits, len(children) + _sent(extra, at), open_children):
                break
            best = max(open_children, key=lambda child: self._score(stats.branches[child.id], visits, extra, child.id))
            at, children = best.id, best.children
            path.append(at)
        for name in path:
            extra[name] = extra.get(name, 0) + 1
        extra[f"{at}/children"] = _sent(extra, at) + 1
        lane = state.nodes[at].lane if at else lane_of_next(state, offset)
        return Expansion(at or None, lane=lane)

    def _stops(self, stats: TreeStats, at: str, visits: int, children: int, open_children: list[Node]) -> bool:
        if isinstance(self.widen, Widen):
            quota: float = self.widen.k0 * max(visits, 1) ** self.widen.a
            return children < math.ceil(quota)
        here = stats.branches[at]
        below = max((self._value(stats.branches[child.id]), stats.branches[child.id].rank) for child in open_children)
        return at != ROOT and bool((here.own, here.own_rank) >= below)

    def _value(self, branch: Branch) -> float:
        return branch.most if self.backup == "max" else branch.total / max(1, branch.visits)

    def _score(self, branch: Branch, visits: int, extra: dict[str, int], name: str) -> tuple[float, Rank]:
        own = max(1, branch.visits + extra.get(name, 0))
        return self._value(branch) + self.c * math.sqrt(math.log(max(visits, 1)) / own), branch.rank


@dataclass
class Frontier:
    """The nodes that may be expanded, kept as the log is folded."""

    max_failing: int
    """Failing children at which a node is pruned, for good."""
    eligible: Sorted = field(default_factory=lambda: Sorted(oldest_first))
    """Those that are not pruned, oldest first."""
    leaves: Sorted = field(default_factory=lambda: Sorted(oldest_first))
    """Those of them without children, oldest first."""
    ranked: Sorted = field(default_factory=Sorted)
    """All of them, best first."""

    def reserved(self, node: Node, state: SearchState) -> None:
        """Take out the parent: it is no leaf any more."""
        parent = state.nodes.get(node.parent or "")
        if parent is not None and parent.counted:
            self.leaves.discard(parent)

    def judged(self, node: Node, state: SearchState) -> None:
        """Let the node in, and prune its parent where that has failed often enough."""
        parent = state.nodes.get(node.parent or "")
        if parent is not None and parent.counted and parent.failed_children >= self.max_failing:
            for each in (self.eligible, self.leaves, self.ranked):
                each.discard(parent)
        if node.counted and node.failed_children < self.max_failing:
            self.eligible.add(node)
            self.ranked.add(node)
            if not node.children:
                self.leaves.add(node)


class EpsilonTree(Policy):
    """`epsilon_tree`: with chance epsilon any eligible leaf, otherwise the best eligible node.

    The root gives a few drafts and no more, and a node that fails again and again is given up.
    """

    epsilon: float = Field(default=0.3, ge=0, le=1)
    """Chance of a leaf drawn uniformly."""
    root_children: int = Field(default=5, ge=1)
    """Drafts in all."""
    max_failing: int = Field(default=3, ge=1)
    """Failing children at which a node is pruned."""

    def select(self, state: SearchState, want: int) -> list[Expansion]:
        """Return the nodes to expand; none once every node is pruned and the root is used up."""
        rng, frontier = state.rng("epsilon"), state.observer
        assert isinstance(frontier, Frontier)
        eligible = frontier.eligible
        leaves = frontier.leaves or eligible
        found: list[Expansion] = []
        drafts = len(state.drafts)
        for offset in range(want):
            may_draft = drafts < self.root_children
            explores = rng.random() < self.epsilon
            place = rng.randrange(len(leaves) + may_draft) if leaves or may_draft else 0
            if (explores and place < len(leaves)) or (not explores and eligible):
                node = leaves[place] if explores else frontier.ranked[0]
                found.append(Expansion(node.id, lane=node.lane))
            elif may_draft:
                drafts += 1
                found.append(Expansion(lane=lane_of_next(state, offset)))
        return found

    def observer(self) -> Observer:
        """Return a new frontier."""
        return Frontier(self.max_failing)


def _sent(extra: dict[str, int], at: str) -> int:
    return extra.get(f"{at}/children", 0)
