"""Nodes kept in order as they come, so that nobody sorts or searches a whole search for each of its nodes."""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator, Sequence
from typing import Any, overload

from harness.search.nodes import Node

Key = Callable[[Node], Any]


def best_first(node: Node) -> tuple[int, float, int, int]:
    """Sort nodes by rank, the best one first; ranks of judged nodes differ."""
    standing, speed, stage, newness = node.rank
    return -standing, -speed, -stage, -newness


def oldest_first(node: Node) -> int:
    """Sort judged nodes by the order of their verdicts."""
    return node.order


class Sorted(Sequence[Node]):
    """Nodes sorted by a key that differs for each of them and does not change."""

    def __init__(self, key: Key = best_first) -> None:
        self._key = key
        self._nodes: list[Node] = []

    def add(self, node: Node) -> None:
        """Put `node` into its place."""
        insort(self._nodes, node, key=self._key)

    def discard(self, node: Node) -> None:
        """Take `node` out, if it is there."""
        place = bisect_left(self._nodes, self._key(node), key=self._key)
        if place < len(self._nodes) and self._nodes[place] is node:
            del self._nodes[place]

    @overload
    def __getitem__(self, place: int) -> Node: ...

    @overload
    def __getitem__(self, place: slice) -> list[Node]: ...

    def __getitem__(self, place: int | slice) -> Node | list[Node]:
        return self._nodes[place]

    def __len__(self) -> int:
        return len(self._nodes)

    def __iter__(self) -> Iterator[Node]:
        return iter(self._nodes)

    def __repr__(self) -> str:
        return f"Sorted({[node.id for node in self._nodes]})"
