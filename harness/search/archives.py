"""Archives: which nodes survive. An archive is configured by `[archive]`; its shelf is filled as the log is folded.

A failing node is on a shelf only while no passing one is: it gives a search somewhere to start, and nothing more.
"""

from collections.abc import Iterable, Sequence
from typing import ClassVar, Literal, Protocol

from pydantic import Field, computed_field

from harness.registry import Registry
from harness.search.nodes import Node
from harness.search.tables import Table


class Shelf(Protocol):
    """The survivors."""

    def add(self, node: Node) -> None:
        """Let a newly judged node in, or not. It is neither a duplicate nor an error of the harness."""

    def members(self) -> Sequence[Node]:
        """Return the survivors, oldest first where nothing else orders them."""

    def elites(self, lane: int) -> Sequence[Node]:
        """Return the survivors of one lane; of archives that know no lanes, all of them."""


class Archive(Table):
    """Configuration of one kind of archive."""

    label: ClassVar[str]

    @computed_field  # type: ignore[prop-decorator]
    @property
    def kind(self) -> str:
        """Name in `[archive]`."""
        return self.label

    def shelf(self) -> Shelf:
        """Return an empty shelf."""
        raise NotImplementedError


class ListShelf:
    """Survivors in a list; `trim` says who stays when there are too many, `None` for everyone."""

    def __init__(self, size: int | None, per_lineage: int | None = None) -> None:
        self.kept: list[Node] = []
        self._size = size
        self._per_lineage = per_lineage

    def add(self, node: Node) -> None:
        """Keep `node` if it is among the best."""
        if self._size is None:
            self.kept.append(node)
            return
        self.kept = _passing_first([*self.kept, node])
        self.kept.sort(key=lambda kept: kept.rank, reverse=True)
        if self._per_lineage is not None:
            self.kept = list(_capped(self.kept, self._per_lineage))
        del self.kept[self._size :]

    def members(self) -> Sequence[Node]:
        """Return the survivors, best first unless everyone is kept."""
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
        settled = sorted(island.members(), key=lambda node: node.rank, reverse=True)
        count = max(1, round(len(settled) * self._config.rate))
        return [node for node in settled[:count] if node.passed and node.id not in self._migrated]


class ParetoShelf:
    """Nodes that no other one beats in every respect."""

    def __init__(self, keys: Sequence[str]) -> None:
        self.kept: list[Node] = []
        self._keys = keys

    def add(self, node: Node) -> None:
        """Keep `node` unless it is dominated, and drop those that it dominates."""
        candidates = _passing_first([*self.kept, node])
        vectors = [(kept, measures(kept, self._keys)) for kept in candidates]
        self.kept = [kept for kept, own in vectors if not any(_dominates(other, own) for _, other in vectors)]

    def members(self) -> Sequence[Node]:
        """Return the front."""
        return self.kept

    def elites(self, lane: int) -> Sequence[Node]:
        """Return the front."""
        return self.kept


class All(Archive):
    """`all`: everyone stays; for searches in trees and chains."""

    label: ClassVar[str] = "all"

    def shelf(self) -> Shelf:
        """Return an empty shelf."""
        return ListShelf(None)


class TopK(Archive):
    """`topk`: the best k."""

    label: ClassVar[str] = "topk"
    k: int = Field(default=1, ge=1)
    """How many."""

    def shelf(self) -> Shelf:
        """Return an empty shelf."""
        return ListShelf(self.k)


class BeamArchive(Archive):
    """`beam`: the best B out of parents and children, of one line of descent at most `per_lineage`."""

    label: ClassVar[str] = "beam"
    b: int = Field(default=2, ge=1)
    """How many."""
    per_lineage: int | None = Field(default=None, ge=1)
    """Most survivors with the same parent; null for no limit."""

    def shelf(self) -> Shelf:
        """Return an empty shelf."""
        return ListShelf(self.b, self.per_lineage)


class Grid(Archive):
    """`grid`: the fittest of each combination of features."""

    label: ClassVar[str] = "grid"
    dims: tuple[str, ...] = ("parallel", "vector", "tile")
    """Features of a candidate (`harness.search.features`); an unknown one is a bin of its own."""

    def shelf(self) -> Shelf:
        """Return an empty shelf."""
        return GridShelf(self.dims)


class Islands(Archive):
    """`islands`: a grid per lane, with migration (OpenEvolve: every 50 nodes the top 10 % to both ring neighbours)."""

    label: ClassVar[str] = "islands"
    n: int = Field(default=5, ge=1)
    """Islands; lanes are laid onto them in turn."""
    dims: tuple[str, ...] = ("parallel", "vector", "tile")
    """Features that span each island's grid; none makes one cell, so that only the best stays."""
    migrate_every: int = Field(default=50, ge=1)
    """Judged nodes between migrations."""
    rate: float = Field(default=0.1, gt=0, le=1)
    """Share of an island that moves, at least one node. Who has moved once stays."""
    topology: Literal["ring", "full"] = "ring"
    """Whether migrants go to both neighbours or to all islands."""

    def shelf(self) -> Shelf:
        """Return an empty shelf."""
        return IslandsShelf(self)


class Pareto(Archive):
    """`pareto`: the front over several measures."""

    label: ClassVar[str] = "pareto"
    keys: tuple[Literal["speed", "low", "accuracy", "brevity"], ...] = ("speed", "accuracy", "brevity")
    """Median speedup, lower end of its interval, distance to float64, number of lines."""

    def shelf(self) -> Shelf:
        """Return an empty shelf."""
        return ParetoShelf(self.keys)


ARCHIVES: Registry[type[Archive]] = Registry(
    "archive",
    {
        kind: f"harness.search.archives:{name}"
        for kind, name in (
            *(("all", "All"), ("topk", "TopK"), ("beam", "BeamArchive")),
            *(("grid", "Grid"), ("islands", "Islands"), ("pareto", "Pareto")),
        )
    },
)


def measures(node: Node, keys: Sequence[str]) -> tuple[float, ...]:
    """Return the named measures of a node; more is better in each."""
    if node.attempt is None or not node.passed:
        return (0.0,) * len(keys)
    verdict = node.attempt.verdict
    found = {
        "speed": node.fitness,
        "low": verdict.speedup.low if verdict.speedup else 0.0,
        "accuracy": 1 / (1 + verdict.error.worst_ratio) if verdict.error else 0.0,
        "brevity": 1 / (1 + float(node.attempt.features.get("lines", "1000"))),
    }
    return tuple(found[key] for key in keys)


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
