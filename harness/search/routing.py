"""Routing: which operator an expansion uses, by the state of its parent. Draft, debug and improve are configuration."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Literal

from pydantic import Field

from harness.search.nodes import Node
from harness.search.policies.base import Expansion, ascending
from harness.search.state import SearchState
from harness.search.tables import Table


class Route(Table):
    """`[[route]]`. The first kind of condition that holds decides; several rules of that kind are drawn by weight."""

    when: Literal["no_parent", "parent.failed", "parent.correct", "any"]
    """What has to hold."""
    operator: str
    """Operator to use then."""
    weight: float = Field(default=1.0, gt=0)
    """Against further rules with the same condition."""
    max_debug_depth: int | None = Field(default=None, ge=1)
    """For `parent.failed`: failing candidates in a row after which the line is given up for a fresh draft."""
    co_parents: int = Field(default=0, ge=0, le=4)
    """Further parents to cross with, from the archive, best first."""


ROUTES = (
    Route(when="no_parent", operator="draft"),
    Route(when="parent.failed", operator="refine"),
    Route(when="parent.correct", operator="refine"),
)
"""What holds where a strategy says nothing."""


class Inspirations(Table):
    """`[inspirations]`: which other nodes an expansion is shown, where its policy names none."""

    top: int = Field(default=0, ge=0, le=10)
    """The best of the archive."""
    diverse: int = Field(default=0, ge=0, le=10)
    """Further survivors, with features unlike those of the best."""


class Diversity(Table):
    """`[diversity]`: strategy directives dealt out in turn, so that samples differ without a temperature."""

    directives: tuple[str, ...] = ()
    """Names of `[directives]`."""
    by: Literal["draft", "lane", "node"] = "draft"
    """Drafts in turn; all nodes of a lane the same one; or all nodes in turn."""

    def pick(self, state: SearchState, expansion: Expansion, offset: int) -> str | None:
        """Return the directive of an expansion that is the `offset`-th of its selection."""
        if not self.directives or (self.by == "draft" and expansion.parent is not None):
            return None
        number = expansion.lane if self.by == "lane" else state.expansions + offset
        return self.directives[number % len(self.directives)]


def route(
    state: SearchState, expansion: Expansion, rules: Sequence[Route], inspirations: Inspirations, offset: int
) -> Expansion:
    """Return `expansion` with its operator, and its parent dropped where its line is given up."""
    parent = state.nodes.get(expansion.parent or "")
    giving_up = [rule.max_debug_depth for rule in rules if rule.when == "parent.failed" and rule.max_debug_depth]
    if parent is not None and giving_up and parent.failed and parent.debug_depth >= min(giving_up):
        parent, expansion = None, expansion.but(parent=None, inspirations=(), co_parents=(), directive=None)
    if expansion.operator is None:
        rule = _rule(state, parent, rules, offset)
        crossed = islice(_others(state, parent), rule.co_parents)
        names = tuple(node.id for node in crossed) or expansion.co_parents
        expansion = expansion.but(operator=rule.operator, co_parents=names)
    if parent is not None and not expansion.inspirations:
        expansion = expansion.but(inspirations=_inspire(state, parent, inspirations))
    return expansion


def _rule(state: SearchState, parent: Node | None, rules: Sequence[Route], offset: int) -> Route:
    holds = {"any", "no_parent" if parent is None else "parent.correct" if parent.passed else "parent.failed"}
    first = next((rule.when for rule in rules if rule.when in holds), None)
    fitting = [rule for rule in rules if rule.when == first]
    if not fitting:
        return next(rule for rule in ROUTES if rule.when in holds)
    if len(fitting) == 1:
        return fitting[0]
    return state.rng(f"route/{offset}").choices(fitting, [rule.weight for rule in fitting])[0]


def _others(state: SearchState, parent: Node | None) -> Iterator[Node]:
    return (node for node in state.shelf.ranked() if node is not parent and node.passed)


def _inspire(state: SearchState, parent: Node, wanted: Inspirations) -> tuple[str, ...]:
    if not wanted.top and not wanted.diverse:
        return ()
    others = _others(state, parent)
    chosen = list(islice(others, wanted.top))
    for node in others:
        if len(chosen) == wanted.top + wanted.diverse:
            break
        if node.attempt and all(other.attempt and _unlike(node, other) for other in chosen):
            chosen.append(node)
    return ascending(chosen)


def _unlike(one: Node, other: Node) -> bool:
    mine, theirs = (node.attempt.features if node.attempt else {} for node in (one, other))
    return any(mine.get(name) != theirs.get(name) for name in ("parallel", "vector", "tile"))
