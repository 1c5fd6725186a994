"""Shelves: where an archive keeps its survivors while the log is folded, each node let in or not as it is judged.

A failing node is on a shelf only while no passing one is: it gives a search somewhere to start, and nothing more.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

from harness.search.nodes import Node
from harness.search.ranking import Sorted, best_first

if TYPE_CHECKING:
    from harness.search.archives import Islands


class Shelf(Protocol):
    """The survivors."""

    def add(self, node: Node) -> None:
        """Let a newly judged node in, or not. It is neither a duplicate nor an error of the harness."""

    def members(self) -> Sequence[Node]:
        """Return the survivors, oldest first where nothing else orders them."""

    def ranked(self) -> Sequence[Node]:
        """Return the survivors, best first."""

    def elites(self, lane: int) -> Sequence[Node]:
        """Return the survivors of one lane; of archives that know no lanes, all of them."""


class AllShelf:
    """Everyone."""

    def __init__(self) -> None:
        self.kept: list[Node] = []
        self._ranked = Sorted()
        self._lanes: dict[int, list[Node]] = {}

    def add(self, node: Node) -> None:
        """Keep `node`."""
        self.kept.append(node)
        self._ranked.add(node)
        self._lanes.setdefault(node.lane, []).append(node)

    def members(self) -> Sequence[Node]:
        """Return everyone, oldest first."""
        return self.kept

    def ranked(self) -> Sequence[Node]:
        """Return everyone, best first."""
        return self._ranked

    def elites(self, lane: int) -> Sequence[Node]:
        """Return the nodes of a lane, and if it has none, all."""
        return self._lanes.get(lane) or self.kept


class ListShelf:
    """The best, in a list; of one line of descent at most `per_lineage`."""

    def __init__(self, size: int, per_lineage: int | None = None) -> None:
        self.kept: list[Node] = []
        self._size = size
        self._per_lineage = per_lineage

    def add(self, node: Node) -> None:
        """Keep `node` if it is among the best."""
        self.kept = _passing_first([*self.kept, node])
        self.kept.sort(key=lambda kept: kept.rank, reverse=True)
        if self._per_lineage is not None:
            self.kept = list(_capped(self.kept, self._per_lineage))
        del self.kept[self._size :]

    def members(self) -> Sequence[Node]:
        """Return the survivors, best first."""
        return self.kept

    def ranked(self) -> Sequence[Node]:
        """Return the survivors, best first."""
        return self.kept

    def elites(self, lane: int) -> Sequence[Node]:
        """Return the survivors of a lane, and if it has none, all."""
        return [node for node in self.kept if node.lane == lane] or self.kept


class GridShelf:
    """One survivor per cell: MAP-Elites."""

    def __init__(self, dims: Sequence[str]) -> None:
        self.cells: dict[tuple[str, ...], Node] = {}
        self._dims = dims

    def add(self, node: Node) -> None:
        """Put `node` into its cell if it is fitter than who is there."""
        if any(kept.passed for kept in self.cells.values()) and not node.passed:
            return
        if node.passed:
            self.cells = {cell: kept for cell, kept in self.cells.items() if kept.passed}
        cell = cell_of(node, self._dims)
        if cell not in self.cells or node.rank > self.cells[cell].rank:
            self.cells[cell] = node

    def members(self) -> Sequence[Node]:
        """Return the occupants."""
        return list(self.cells.values())

    def ranked(self) -> Sequence[Node]:
        """Return the occupants, best first."""
        return sorted(self.cells.values(), key=best_first)

    def elites(self, lane: int) -> Sequence[Node]:
        """Return the occupants."""
        return self.members()


class IslandsShelf:
    """A grid per lane, between which the best migrate. A migrant is the same node in another grid, not a copy."""

    def __init__(self, config: "Islands") -> None:
        self._config = config
        self.islands = [GridShelf(config.dims) for _ in range(config.n)]
        self._migrated: set[str] = set()
        self._added = 0

    def add(self, node: Node) -> None:
        """Put `node` on the island of its lane; every so often let the best move on."""
        self.islands[node.lane % self._config.n].add(node)
        self._added += 1
        if self._config.n > 1 and self._added % self._config.migrate_every == 0:
            self._migrate()

    def members(self) -> Sequence[Node]:
        """Return the occupants of all islands, each once."""
        found = {node.id: node for island in self.islands for node in island.members()}
        return _passing_first(list(found.values()))

    def ranked(self) -> Sequence[Node]:
        """Return the occupants of all islands, best first."""
        return sorted(self.members(), key=best_first)

    def elites(self, lane: int) -> Sequence[Node]:
        """Return the occupants of one island."""
        return self.islands[lane % self._config.n].members()

    def _migrate(self) -> None:
        leaving = [self._best(island) for island in self.islands]
        for home, nodes in enumerate(leaving):
            for node in nodes:
                self._migrated.add(node.id)
                for step in {1, -1} if self._config.topology == "ring" else range(1, self._config.n):
                    self.islands[(home + step) % self._config.n].add(node)

    def _best(self, island: GridShelf) -> list[Node]:
        settled = island.ranked()
        count = max(1, round(len(settled) * self._config.rate))
        return [node for node in settled[:count] if node.passed and node.id not in self._migrated]


class ParetoShelf:
    """Nodes that no other one beats in every respect."""

    def __init__(self, keys: Sequence[str]) -> None:
        self.kept: list[Node] = []
        self._keys = keys

    def add(self, node: Node) -> None:
        """Keep `node` unless it is dominated, and drop those that it dominates."""
        if not node.passed and any(kept.passed for kept in self.kept):
            return
        if node.passed:
            self.kept = [kept for kept in self.kept if kept.passed]
        mine = measures(node, self._keys)
        theirs = [measures(kept, self._keys) for kept in self.kept]
        if any(_dominates(other, mine) for other in theirs):
            return
        # Nobody in a front dominates anybody, and what is dominated by a dominated node is dominated by its dominator.
        front = zip(self.kept, theirs, strict=True)
        self.kept = [*(kept for kept, own in front if not _dominates(mine, own)), node]

    def members(self) -> Sequence[Node]:
        """Return the front."""
        return self.kept

    def ranked(self) -> Sequence[Node]:
        """Return the front, best first."""
        return sorted(self.kept, key=best_first)

    def elites(self, lane: int) -> Sequence[Node]:
        """Return the front."""
        return self.kept


def measures(node: Node, keys: Sequence[str]) -> tuple[float, ...]:
    """Return the named measures of a node; more is better in each."""
    return tuple(node.measures.get(key, 0.0) for key in keys)


def cell_of(node: Node, dims: Sequence[str]) -> tuple[str, ...]:
    """Return the cell of a node in a grid."""
    features = node.attempt.features if node.attempt else {}
    return tuple(features.get(dim, "unknown") for dim in dims)


def _passing_first(nodes: list[Node]) -> list[Node]:
    return [node for node in nodes if node.passed] or nodes


def _capped(nodes: Iterable[Node], most: int) -> Iterable[Node]:
    seen: dict[str | None, int] = {}
    for node in nodes:
        line = node.parent or node.id
        seen[line] = seen.get(line, 0) + 1
        if seen[line] <= most:
            yield node


def _dominates(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one != other and all(a >= b for a, b in zip(one, other, strict=True))
