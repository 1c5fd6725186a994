"""Policies that draw parents at random: `weighted`, `power`, `islands`, `pareto`. Their seed is the run's.

`weighted` and `power` are ShinkaEvolve's, `islands` OpenEvolve's, `pareto` GEPA's.
"""

import math
from collections.abc import Callable, Sequence
from random import Random
from statistics import median

from pydantic import Field

from harness.search.nodes import Node
from harness.search.policies.base import Expansion, Policy, lane_of_next, parents, start
from harness.search.shelves import measures
from harness.search.state import SearchState


class Weighted(Policy):
    """`weighted`: the fitter, and the less often expanded, the likelier."""

    sharpness: float = Field(default=10.0, gt=0)
    """Lambda in sigmoid(lambda (f - median) / MAD)."""

    def select(self, state: SearchState, want: int) -> list[Expansion]:
        """Return parents drawn by weight, with replacement."""
        return _drawn(state, want, self.weights)

    def weights(self, nodes: Sequence[Node]) -> list[float]:
        """Return the weight of each of `nodes`."""
        values = [node.fitness for node in nodes]
        middle = median(values)
        spread = median(abs(value - middle) for value in values) or 1.0
        scaled = [self.sharpness * (value - middle) / spread for value in values]
        return [_sigmoid(x) / (1 + len(node.children)) for x, node in zip(scaled, nodes, strict=True)]


class Power(Policy):
    """`power`: by rank, p proportional to rank^-alpha."""

    alpha: float = Field(default=1.0, ge=0)
    """0 draws uniformly; the greater, the greedier."""

    def select(self, state: SearchState, want: int) -> list[Expansion]:
        """Return parents drawn by rank, with replacement."""
        return _drawn(state, want, lambda nodes: [(place + 1) ** -self.alpha for place in range(len(nodes))])


class IslandsPolicy(Policy):
    """`islands`: lanes are islands, taken in turn; on each a random member, an elite, or the fittest by chance."""

    explore: float = Field(default=0.2, ge=0, le=1)
    """Chance of a random member of the island."""
    exploit: float = Field(default=0.7, ge=0, le=1)
    """Chance of an elite of the archive, of this island first; what is left of 1 draws uniformly from the island."""

    def select(self, state: SearchState, want: int) -> list[Expansion]:
        """Return one parent for each island whose turn it is; an island without members gets a draft."""
        rng = state.rng("islands")
        return [self._expand(state, lane_of_next(state, offset), rng) for offset in range(want)]

    def _expand(self, state: SearchState, island: int, rng: Random) -> Expansion:
        members = state.lane(island).counted
        if not members:
            return Expansion(lane=island)
        elites = sorted(state.shelf.elites(island), key=lambda node: node.rank, reverse=True)
        drawn = rng.random()
        if drawn < self.explore or not elites:
            parent = rng.choice(members)
        elif drawn < self.explore + self.exploit:
            parent = rng.choice(elites)
        else:
            parent = rng.choice(state.lane(island).passed or members)
        return Expansion(parent.id, lane=island)


class ParetoPolicy(Policy):
    """`pareto`: a parent from the front, the likelier the more measures it is best in."""

    keys: tuple[str, ...] = ("speed", "accuracy", "brevity")
    """Measures, as of the archive `pareto`."""

    def select(self, state: SearchState, want: int) -> list[Expansion]:
        """Return parents drawn by the number of measures that they win."""
        return _drawn(state, want, self.weights)

    def weights(self, nodes: Sequence[Node]) -> list[float]:
        """Return the measures that each of `nodes` wins; one that wins none has a small chance."""
        vectors = [measures(node, self.keys) for node in nodes]
        tops = [max(values) for values in zip(*vectors, strict=True)]
        return [sum(v == top for v, top in zip(vector, tops, strict=True)) or 0.1 for vector in vectors]


def _drawn(state: SearchState, want: int, weights: Callable[[Sequence[Node]], list[float]]) -> list[Expansion]:
    nodes = parents(state)
    if not nodes:
        return start(state, want)
    chosen = state.rng("draw").choices(nodes, weights(nodes), k=want)
    return [Expansion(node.id, lane=node.lane) for node in chosen]


def _sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, x))))
