"""K-means over points of a few coordinates (MacQueen 1967; seeding: Arthur and Vassilvitskii, "k-means++", 2007).

Sums run in the order of the points, so that the same points have the same centres on every machine.
"""

from array import array
from collections.abc import Sequence
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Table = NDArray[np.float64]

Point = tuple[float, ...]


def distance(one: Point, other: Point) -> float:
    """Return the squared distance of two points; a coordinate that one of them lacks does not count."""
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=False))


class Points:
    """Points that become more and more; some of them decide where the centres are."""

    def __init__(self) -> None:
        self._values = array("d")
        self._decides = array("b")
        self.kept = 0
        """Those that decide."""

    def add(self, point: Point, decides: bool) -> None:
        """Take one more point; all have the same number of coordinates."""
        self._values.extend(point)
        self._decides.append(decides)
        self.kept += decides

    def nearest(self, centres: Sequence[Point]) -> list[int]:
        """Return for each point the number of the centre that it is nearest to, the first of equals."""
        labels: list[int] = _distances(self._columns(), centres).argmin(axis=0).tolist()
        return labels

    def k_means(self, k: int, rng: Random, rounds: int = 10) -> list[Point]:
        """Return up to `k` centres: k-means++ seeding, then Lloyd's rounds, no more than change anything."""
        import numpy as np

        columns = np.ascontiguousarray(self._columns()[:, np.frombuffer(self._decides, dtype=bool)])
        centres = [_point(columns, rng.randrange(self.kept))]
        while len(centres) < k:
            distances = _distances(columns, centres).min(axis=0).tolist()
            if not any(distances):
                break
            centres.append(_point(columns, rng.choices(range(self.kept), distances)[0]))
        for _ in range(rounds):
            moved = _means(columns, _distances(columns, centres).argmin(axis=0), centres)
            if moved == centres:
                break
            centres = moved
        return centres

    def _columns(self) -> "Table":
        """Return a row for each coordinate."""
        import numpy as np

        return np.ascontiguousarray(np.frombuffer(self._values).reshape(len(self._decides), -1).T)


def _point(columns: "Table", place: int) -> Point:
    return tuple(columns[:, place].tolist())


def _distances(columns: "Table", centres: Sequence[Point]) -> "Table":
    """Return the squared distance of every point (a column) to every centre (a row)."""
    import numpy as np

    found = np.zeros((len(centres), columns.shape[1]))
    for row, centre in enumerate(centres):
        for column, value in zip(columns, centre, strict=True):
            found[row] += (column - value) ** 2
    return found


def _means(columns: "Table", labels: "NDArray[np.intp]", centres: Sequence[Point]) -> list[Point]:
    """Return the mean of each centre's points; a centre without any stays."""
    import numpy as np

    counts = np.bincount(labels, minlength=len(centres)).tolist()
    sums = [np.bincount(labels, weights=column, minlength=len(centres)).tolist() for column in columns]
    return [tuple(total[n] / counts[n] for total in sums) if counts[n] else centre for n, centre in enumerate(centres)]
