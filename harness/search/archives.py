"""Archives: which nodes survive. An archive is configured by `[archive]`; its shelf is filled as the log is folded."""

from typing import ClassVar, Literal

from pydantic import Field, computed_field

from harness.registry import Registry
from harness.search.shelves import AllShelf, GridShelf, IslandsShelf, ListShelf, ParetoShelf, Shelf
from harness.search.tables import Table


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


class All(Archive):
    """`all`: everyone stays; for searches in trees and chains."""

    label: ClassVar[str] = "all"

    def shelf(self) -> Shelf:
        """Return an empty shelf."""
        return AllShelf()


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
