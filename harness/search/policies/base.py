"""What a selection policy is: a small model whose fields are the keys of `[select]`, and a pure function of the state."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from harness.search.nodes import Node
from harness.search.state import Lane, Observer, SearchState
from harness.search.tables import Table


@dataclass(frozen=True)
class Expansion:
    """One node to be made."""

    parent: str | None = None
    """Node whose candidate is shown to the model and edited; null for a fresh draft."""
    lane: int = 0
    """Sub-search that it belongs to."""
    operator: str | None = None
    """Pipeline to use; null to have it chosen by `[[route]]`."""
    directive: str | None = None
    """Strategy directive; null to have it chosen by `[diversity]`."""
    co_parents: tuple[str, ...] = ()
    """Further nodes to cross the parent with."""
    inspirations: tuple[str, ...] = ()
    """Nodes to show beside the parent, in this order; empty to have them chosen by `[inspirations]`."""

    def but(self, **changes: object) -> "Expansion":
        """Return it with some fields changed."""
        return replace(self, **changes)  # type: ignore[arg-type]


class Policy(Table):
    """Chooses expansions from the state alone, so that a search that is resumed goes on as it would have.

    A new one is a subclass with `select`, named in the entry-point group `harness.policy`.
    """

    def select(self, state: SearchState, want: int) -> list[Expansion]:
        """Return up to `want` expansions; none ends the search, unless nodes are pending. Must not change `state`."""
        raise NotImplementedError

    def round_size(self, lanes: int) -> int:
        """Return how many expansions make a round, unless `[loop] per_round` says so."""
        return lanes

    def observer(self) -> Observer | None:
        """Return new statistics, to be kept by the state as events are folded; None where the state itself suffices."""
        return None


def free_lanes(state: SearchState) -> Iterator[tuple[int, Lane]]:
    """Yield the lanes in which nothing is under way, those with the fewest nodes first."""
    lanes = [(number, state.lane(number)) for number in range(state.rules.lanes)]
    yield from sorted(
        ((number, lane) for number, lane in lanes if not lane.pending), key=lambda found: len(found[1].judged)
    )


def lane_of_next(state: SearchState, offset: int = 0) -> int:
    """Return the lane whose turn it is."""
    return (state.expansions + offset) % state.rules.lanes


def start(state: SearchState, want: int) -> list[Expansion]:
    """Return a draft where there is nothing to choose from yet, and nothing while the first nodes are under way."""
    return (
        [] if state.pending else [Expansion(lane=lane_of_next(state, n)) for n in range(min(want, state.rules.lanes))]
    )


def parents(state: SearchState) -> Sequence[Node]:
    """Return the nodes to choose from: the archive's survivors, best first."""
    return state.shelf.ranked()


def ascending(nodes: Iterable[Node]) -> tuple[str, ...]:
    """Return ids, worst node first and best last."""
    return tuple(node.id for node in sorted(nodes, key=lambda node: node.rank))
