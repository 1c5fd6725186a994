"""Makes the sections of a prompt fit: each into its own limit, and all of them into the prompt's.

The limits are in tokens as `estimate_tokens` counts them, so that the same prompt comes out everywhere.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from harness.search.sections import Overflow, Part, Placed
from harness.search.tokens import clip_tokens, estimate_tokens

Render = Callable[[str, Mapping[str, Any]], str]
"""(name of a section, variables) -> its text."""


@dataclass(frozen=True)
class Filled:
    """One section of a finished prompt. Without its text it is a line of the context manifest."""

    name: str
    """Name of the section."""
    part: Part
    """Where it stands."""
    text: str
    """What it says; empty where it has nothing to say or was dropped."""
    tokens: int
    """Estimated length of the text."""
    outcome: str
    """`whole`, `empty` (nothing to say), `clipped` (its middle is missing), `shortened` (entries are missing) or
    `dropped`."""
    entries: int | None = None
    """Entries that it shows, for a section of entries."""
    of: int | None = None
    """Entries that there were."""

    def manifest(self) -> dict[str, Any]:
        """Return what was done with the section, as plain data without its text."""
        known = {name: value for name, value in asdict(self).items() if name != "text" and value is not None}
        return known | {"part": self.part.value}


def fit(
    sections: Iterable[Placed], render: Render, variables: Mapping[str, Any], max_tokens: int
) -> tuple[Filled, ...]:
    """Fill `sections`, and shorten or drop what is too long.

    A section beyond its own limit is clipped, loses entries or is dropped, as the table of sections says. If all of them
    together are longer than `max_tokens`, sections lose entries, and then go, in the table's order of dropping. What never
    goes stays even if the prompt is then too long: the question would be another one without it.
    """
    placed = list(sections)
    filled = [_fill(each, render, variables) for each in placed]
    droppable = sorted(
        (i for i, each in enumerate(placed) if each.section.drops is not None),
        key=lambda i: placed[i].section.drops or 0,
    )
    for i in droppable:
        excess = sum(each.tokens for each in filled) - max_tokens
        if excess <= 0:
            break
        room = filled[i].tokens - excess
        if placed[i].section.overflow is Overflow.ITEMS and room > 0:
            filled[i] = _shorten(filled[i], placed[i], render, variables, room)
        else:
            filled[i] = _dropped(filled[i])
    return tuple(filled)


def _fill(placed: Placed, render: Render, variables: Mapping[str, Any]) -> Filled:
    text = render(placed.name, variables)
    tokens = estimate_tokens(text)
    whole = Filled(placed.name, placed.part, text, tokens, "whole" if text else "empty")
    section, limit = placed.section, placed.max_tokens
    if section.items and text:
        count = len(variables[section.items])
        whole = replace(whole, entries=count, of=count)
    if limit is None or tokens <= limit or section.overflow is Overflow.KEEP:
        return whole
    if section.overflow is Overflow.ITEMS:
        return _shorten(whole, placed, render, variables, limit)
    if section.overflow is Overflow.DROP:
        return _dropped(whole)
    clipped = clip_tokens(text, limit)
    return replace(whole, text=clipped, tokens=estimate_tokens(clipped), outcome="clipped")


def _shorten(whole: Filled, placed: Placed, render: Render, variables: Mapping[str, Any], limit: int) -> Filled:
    """Return the section with as many entries as fit into `limit`; binary search, as a text grows with its entries."""
    section = placed.section
    entries: Sequence[Any] = variables[section.items]

    def with_entries(count: int) -> Filled:
        kept = entries[len(entries) - count :] if section.oldest_first else entries[:count]
        text = render(placed.name, {**variables, section.items: kept})
        return replace(whole, text=text, tokens=estimate_tokens(text), outcome="shortened", entries=count)

    best, low, high = None, 1, (whole.entries or 0)
    while low <= high:
        middle = (low + high) // 2
        tried = with_entries(middle)
        if tried.tokens <= limit:
            best, low = tried, middle + 1
        else:
            high = middle - 1
    return best or _dropped(whole)


def _dropped(whole: Filled) -> Filled:
    if not whole.text:
        return whole
    return replace(whole, text="", tokens=0, outcome="dropped", entries=None if whole.of is None else 0)
