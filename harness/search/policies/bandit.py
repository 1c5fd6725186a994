"""`bandit` (KernelBand): arms are pairs of a cluster of candidates and a strategy directive, played by UCB."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from pydantic import Field

from harness.search.features import coordinates
from harness.search.nodes import Node
from harness.search.policies.base import Expansion, Policy, lane_of_next, start
from harness.search.state import Observer, SearchState

Point = tuple[float, ...]


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
class ArmStats:
    """Clusters and arms, kept as the log is folded."""

    k: int
    """Clusters."""
    every: int
    """Judged nodes between clusterings."""
    centres: list[Point] = field(default_factory=lambda: [()])
    """Centres, the slowest cluster first; one without coordinates takes everyone."""
    arms: dict[tuple[int, str], Arm] = field(default_factory=dict)
    """(cluster, directive) -> statistics."""
    played: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Node under way -> its arm."""

    def arm(self, cluster: int, directive: str) -> Arm:
        """Return an arm."""
        return self.arms.get((cluster, directive)) or Arm()

    def cluster(self, node: Node) -> int:
        """Return the cluster of a node."""
        point = _point(node)
        return min(range(len(self.centres)), key=lambda i: _distance(point, self.centres[i]))

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
        passing = [node for node in state.judged if node.passed and not node.duplicate]
        if len(passing) >= 2 * self.k and len(state.judged) % self.every == 0:
            found = k_means([_point(node) for node in passing], self.k, state.rng("clusters"))
            self.centres = sorted(found)


class Bandit(Policy):
    """`bandit`: the arm with the greatest mean + c sqrt(ln t / N), then a member of its cluster by softmax."""

    directives: tuple[str, ...] = Field(min_length=1)
    """Arms for each cluster: names of `[directives]`."""
    c: float = Field(default=2.0, ge=0)
    """Weight of exploration."""
    k: int = Field(default=3, ge=1)
    """Clusters, once there are twice as many correct candidates."""
    every: int = Field(default=10, ge=1)
    """Judged nodes between clusterings."""
    temperature: float = Field(default=0.2, gt=0)
    """Of the softmax over log speedups inside a cluster."""
    resources: dict[str, str] = Field(default_factory=dict)
    """Directive -> feature that says how far its resource is used, from 0 to 1, where candidates report one."""
    saturated: float = Field(default=0.75, gt=0, le=1)
    """Use of a resource from which on its directives are masked; one arm always stays."""

    def select(self, state: SearchState, want: int) -> list[Expansion]:
        """Return `want` plays, each counted before the next is chosen."""
        nodes = [node for node in state.shelf.members() if node.counted]
        if not nodes:
            return start(state, want)
        stats, rng = state.observer, state.rng("bandit")
        assert isinstance(stats, ArmStats)
        clusters: dict[int, list[Node]] = {}
        for node in nodes:
            clusters.setdefault(stats.cluster(node), []).append(node)
        extra: dict[tuple[int, str], int] = {}
        return [self._play(clusters, stats, extra, rng, lane_of_next(state, offset)) for offset in range(want)]

    def observer(self) -> Observer:
        """Return new statistics of the arms."""
        return ArmStats(self.k, self.every)

    def _play(
        self,
        clusters: dict[int, list[Node]],
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
        members = clusters[best[0]]
        top = max(node.log_fitness for node in members)
        weights = [1.0 if top == -math.inf else math.exp((n.log_fitness - top) / self.temperature) for n in members]
        parent = rng.choices(members, weights)[0]
        return Expansion(parent.id, lane=lane, directive=best[1])

    def _is_saturated(self, directive: str, members: Sequence[Node]) -> bool:
        feature = self.resources.get(directive)
        best = max(members, key=lambda node: node.rank)
        used = best.attempt.features.get(feature, "") if feature and best.attempt else ""
        try:
            return float(used or 0) >= self.saturated
        except ValueError:
            return False


def k_means(points: Sequence[Point], k: int, rng: Random, rounds: int = 10) -> list[Point]:
    """Return up to `k` centres: k-means++ seeding, then Lloyd's rounds."""
    centres = [rng.choice(points)]
    while len(centres) < k:
        distances = [min(_distance(point, centre) for centre in centres) for point in points]
        if not any(distances):
            break
        centres.append(rng.choices(points, distances)[0])
    for _ in range(rounds):
        groups: list[list[Point]] = [[] for _ in centres]
        for point in points:
            groups[min(range(len(centres)), key=lambda i: _distance(point, centres[i]))].append(point)
        centres = [_mean(group) if group else centre for group, centre in zip(groups, centres, strict=True)]
    return centres


def _point(node: Node) -> Point:
    return coordinates(node.attempt.features if node.attempt else {}, max(node.log_fitness, -5.0))


def _distance(one: Point, other: Point) -> float:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=False))


def _mean(points: Sequence[Point]) -> Point:
    return tuple(sum(values) / len(points) for values in zip(*points, strict=True))
