"""`bandit` (KernelBand): arms are pairs of a cluster of candidates and a strategy directive, played by UCB."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from pydantic import Field

from harness.search.clustering import Point, Points, distance
from harness.search.features import coordinates
from harness.search.nodes import Node
from harness.search.policies.base import Expansion, Policy, lane_of_next, start
from harness.search.state import Observer, SearchState

STEADY = 100
"""Share of its nodes, one in so many, by which a search grows at least between clusterings: fewer hardly move a centre."""


@dataclass
class Arm:
    """One arm; it begins with one imagined reward, so that none starts at nothing."""

    mean: float = 0.5
    """Mean reward."""
    count: int = 1
    """Plays, those under way included."""

    def learn(self, reward: float) -> None:
        """Take a reward; its play is counted already."""
        self.mean += (reward - self.mean) / self.count


@dataclass
class Cluster:
    """Nodes that are alike, with the odds of each by a softmax over log speedups."""

    temperature: float
    """Of the softmax."""
    members: list[Node] = field(default_factory=list)
    """Nodes, oldest first."""
    best: Node | None = None
    """The best of them."""
    _odds: list[float] = field(default_factory=list, repr=False)
    """Sums of the odds up to each member, relative to `_top`."""
    _top: float = -math.inf

    def add(self, node: Node) -> None:
        """Let a node in, a newer one than all that are in it."""
        self.members.append(node)
        if self.best is None or node.rank > self.best.rank:
            self.best = node
        if node.log_fitness > self._top:
            self._odds, self._top = [], node.log_fitness  # summed up anew when somebody draws

    def draw(self, rng: Random) -> Node:
        """Return one of them by chance."""
        for node in self.members[len(self._odds) :]:
            relative = node.log_fitness - self._top if self._top > -math.inf else 0.0
            odds = math.exp(relative / self.temperature)
            self._odds.append((self._odds[-1] if self._odds else 0.0) + odds)
        return rng.choices(self.members, cum_weights=self._odds)[0]


@dataclass
class ArmStats:
    """Clusters and arms, kept as the log is folded."""

    k: int
    """Clusters."""
    every: int
    """Judged nodes between clusterings."""
    temperature: float = 0.2
    """Of the softmax inside a cluster."""
    centres: list[Point] = field(default_factory=lambda: [()])
    """Centres, the slowest cluster first; one without coordinates takes everyone."""
    arms: dict[tuple[int, str], Arm] = field(default_factory=dict)
    """(cluster, directive) -> statistics."""
    played: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Node under way -> its arm."""
    nodes: list[Node] = field(default_factory=list, repr=False)
    """Nodes that may be chosen, oldest first."""
    _points: Points = field(default_factory=Points, repr=False)
    _places: dict[str, int] = field(default_factory=dict, repr=False)
    _labels: list[int] = field(default_factory=list, repr=False)
    _clusters: dict[int, Cluster] = field(default_factory=dict, repr=False)
    _next: int = field(default=0, init=False, repr=False)
    _clustered: int = field(default=0, repr=False)

    def __post_init__(self) -> None:
        self._next = self.every

    def arm(self, cluster: int, directive: str) -> Arm:
        """Return an arm."""
        return self.arms.get((cluster, directive)) or Arm()

    def cluster(self, node: Node) -> int:
        """Return the cluster of a node."""
        place = self._places.get(node.id)
        return self._nearest(_point(node)) if place is None else self._labels[place]

    def clusters(self, members: Sequence[Node]) -> dict[int, Cluster]:
        """Return the clusters of those of `members` that may be chosen."""
        if len(members) == len(self.nodes):
            for node, label in zip(self.nodes[self._clustered :], self._labels[self._clustered :], strict=True):
                self._clusters.setdefault(label, Cluster(self.temperature)).add(node)
            self._clustered = len(self.nodes)
            return self._clusters
        found: dict[int, Cluster] = {}
        for node in members:
            if node.counted:
                found.setdefault(self.cluster(node), Cluster(self.temperature)).add(node)
        return found

    def reserved(self, node: Node, state: SearchState) -> None:
        """Count the play."""
        parent = state.nodes.get(node.parent or "")
        if parent is not None and node.directive is not None:
            key = self.played[node.id] = (self.cluster(parent), node.directive)
            self.arms.setdefault(key, Arm()).count += 1

    def judged(self, node: Node, state: SearchState) -> None:
        """Reward the arm by the share of the parent's time that is saved; cluster anew every so often."""
        parent = state.nodes.get(node.parent or "")
        key = self.played.pop(node.id, None)
        if key is not None and parent is not None:
            gained = 1 - parent.fitness / node.fitness if node.passed else 0.0
            self.arms[key].learn(max(0.0, gained))
        if node.counted:
            self._places[node.id] = len(self.nodes)
            point = _point(node)
            self.nodes.append(node)
            self._points.add(point, node.passed)
            self._labels.append(self._nearest(point))
        if len(state.judged) < self._next:
            return
        self._next = len(state.judged) + max(self.every, len(state.judged) // STEADY)
        if self._points.kept >= 2 * self.k:
            self.centres = sorted(self._points.k_means(self.k, state.rng("clusters")))
            self._labels = self._points.nearest(self.centres)
            self._clusters, self._clustered = {}, 0

    def _nearest(self, point: Point) -> int:
        return min(range(len(self.centres)), key=lambda i: distance(point, self.centres[i]))


class Bandit(Policy):
    """`bandit`: the arm with the greatest mean + c sqrt(ln t / N), then a member of its cluster by softmax."""

    directives: tuple[str, ...] = Field(min_length=1)
    """Arms for each cluster: names of `[directives]`."""
    c: float = Field(default=2.0, ge=0)
    """Weight of exploration."""
    k: int = Field(default=3, ge=1)
    """Clusters, once there are twice as many correct candidates."""
    every: int = Field(default=10, ge=1)
    """Judged nodes between clusterings; in a long search one in a hundred of its nodes, if that is more."""
    temperature: float = Field(default=0.2, gt=0)
    """Of the softmax over log speedups inside a cluster."""
    resources: dict[str, str] = Field(default_factory=dict)
    """Directive -> feature that says how far its resource is used, from 0 to 1, where candidates report one."""
    saturated: float = Field(default=0.75, gt=0, le=1)
    """Use of a resource from which on its directives are masked; one arm always stays."""

    def select(self, state: SearchState, want: int) -> list[Expansion]:
        """Return `want` plays, each counted before the next is chosen."""
        stats, rng = state.observer, state.rng("bandit")
        assert isinstance(stats, ArmStats)
        clusters = stats.clusters(state.shelf.members())
        if not clusters:
            return start(state, want)
        extra: dict[tuple[int, str], int] = {}
        return [self._play(clusters, stats, extra, rng, lane_of_next(state, offset)) for offset in range(want)]

    def observer(self) -> Observer:
        """Return new statistics of the arms."""
        return ArmStats(self.k, self.every, self.temperature)

    def _play(
        self,
        clusters: dict[int, Cluster],
        stats: ArmStats,
        extra: dict[tuple[int, str], int],
        rng: Random,
        lane: int,
    ) -> Expansion:
        arms = [(cluster, name) for cluster in sorted(clusters) for name in self.directives]
        arms = [arm for arm in arms if not self._is_saturated(arm[1], clusters[arm[0]])] or arms[:1]
        total = sum(stats.arm(*arm).count + extra.get(arm, 0) for arm in arms)

        def score(arm: tuple[int, str]) -> float:
            found = stats.arm(*arm)
            return found.mean + self.c * math.sqrt(math.log(total) / (found.count + extra.get(arm, 0)))

        best = max(arms, key=score)
        extra[best] = extra.get(best, 0) + 1
        return Expansion(clusters[best[0]].draw(rng).id, lane=lane, directive=best[1])

    def _is_saturated(self, directive: str, cluster: Cluster) -> bool:
        feature, best = self.resources.get(directive), cluster.best
        used = best.attempt.features.get(feature, "") if feature and best and best.attempt else ""
        try:
            return float(used or 0) >= self.saturated
        except ValueError:
            return False


def _point(node: Node) -> Point:
    return coordinates(node.attempt.features if node.attempt else {}, max(node.log_fitness, -5.0))
