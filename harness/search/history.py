"""Which earlier attempts a prompt tells of, and how much of each."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from harness.errors import AgentError, suggestion
from harness.models import Attempt
from harness.search.state import Node, SearchState
from harness.search.tokens import clip

CHANGE_CHARS = 160
"""Longest account of what an attempt changed."""
DEFAULT = "table"
USUAL = {"none": 0, "last_only": 1, "all": 40, "own_summary": 8, "ranked": 5, "table": 40, "window": 8}
"""Policy -> how many attempts it shows unless it says: a search of ten thousand nodes is not told from its beginning.

`none`; `last_only`: the newest; `all`: each with its source; `own_summary`: the ancestors, in their author's own words;
`ranked`: the best correct ones with their sources, slowest first; `table`: a line each; `window(k)`: the last k of the lane.
"""
_WITH_SOURCE = frozenset({"all", "ranked"})

Read = Callable[[str], str]
"""Digest of an artefact -> its text."""


@dataclass(frozen=True)
class Row:
    """One earlier attempt, as it is told."""

    number: str
    """`3`, or `3.2` for the second candidate of one expansion; from 1."""
    parent: str | None
    """Number of the attempt that it was made from; null for a draft."""
    change: str
    """What its author says it does; may be empty."""
    status: str
    """Status of the verdict."""
    speedup: str
    """`1.23x`, or nothing."""
    source: str
    """The module, where the policy shows it."""


def number_of(node: Node | Attempt) -> str:
    """Return what an attempt is called in a prompt: its position from 1, and that of the candidate if it has siblings."""
    return f"{node.turn + 1}" + (f".{node.proposal + 1}" if node.proposals > 1 else "")


def parse_policy(text: str) -> tuple[str, int]:
    """Read `table`, `window(8)`, `ranked(3)`; nothing is the default.

    Raises:
        AgentError: it is none of the policies.
    """
    found = re.fullmatch(r"\s*(\w*)\s*(?:\(\s*(\d+)\s*\))?\s*", text)
    kind = (found[1] or DEFAULT) if found else text
    if found is None or kind not in USUAL:
        known = ", ".join(USUAL)
        raise AgentError(f"unknown history policy '{text}'{suggestion(kind, USUAL)} (known: {known}, window(8))")
    return kind, int(found[2]) if found[2] else USUAL[kind]


def history(state: SearchState, node: Node, policy: str, read: Read) -> list[Row]:
    """Return what `node` is told, oldest first (`ranked`: slowest first). Its parent is left out: it is shown whole."""
    kind, limit = parse_policy(policy)
    chosen = (found for found in _newest_first(state, node, kind) if found.node != node.parent)
    return [
        _row(state, attempt, read, with_source=kind in _WITH_SOURCE) for attempt in list(islice(chosen, limit))[::-1]
    ]


def _newest_first(state: SearchState, node: Node, kind: str) -> Iterable[Attempt]:
    if kind == "own_summary":
        return _ancestors(state, node)
    if kind == "ranked":
        return (other.attempt for other in state.ranked if other.passed and other.attempt)
    judged = state.lane(node.lane).judged if kind in ("window", "last_only") else state.judged
    return (other.attempt for other in reversed(judged) if other.attempt)


def _ancestors(state: SearchState, node: Node) -> Iterator[Attempt]:
    """Yield what `node` comes from, nearest first."""
    parent = state.nodes.get(node.parent or "")
    while parent is not None:
        if parent.attempt is not None:
            yield parent.attempt
        parent = state.nodes.get(parent.parent or "")


def _row(state: SearchState, attempt: Attempt, read: Read, *, with_source: bool) -> Row:
    parent = state.nodes.get(attempt.parent or "")
    speedup = attempt.verdict.speedup
    return Row(
        number=number_of(attempt),
        parent=number_of(parent) if parent else None,
        change=clip(" ".join(attempt.note.replace("|", "/").split()), CHANGE_CHARS).replace("\n", " "),
        status=attempt.verdict.status.value,
        speedup=f"{speedup.median:.2f}x" if speedup else "",
        source=read(attempt.candidate_sha256) if with_source and attempt.candidate_sha256 else "",
    )
