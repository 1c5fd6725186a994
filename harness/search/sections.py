"""The sections that a prompt may have: their order, how long each may get, and which goes first when it is too long.

What is the same for a whole run comes first and what changes with every node last, so that the prefix which a provider's
cache may keep is as long as possible.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Part(StrEnum):
    """Where a section stands."""

    SYSTEM = "system"
    """In the instructions, which are the same for every task of a run."""
    USER = "user"
    """In the message."""


class Overflow(StrEnum):
    """What becomes of a section that is longer than it may be."""

    KEEP = "keep"
    """It stands whole: without it the question is another one."""
    CLIP = "clip"
    """Its middle is cut out."""
    ITEMS = "items"
    """It loses entries, one after another."""
    DROP = "drop"
    """It is left out: half of it would be worse than nothing."""


@dataclass(frozen=True)
class Section:
    """One kind of section."""

    name: str
    """Name of its template."""
    part: Part
    """Where it stands."""
    overflow: Overflow
    """What becomes of it when it is too long."""
    max_tokens: int | None = None
    """Longest, unless a recipe says otherwise; null for any length."""
    drops: int | None = None
    """When it goes if the whole prompt is too long: 1 goes first, null never."""
    items: str = ""
    """With `items`: the variable that holds the entries."""
    oldest_first: bool = False
    """With `items`: whether entries go from the front rather than from the end."""


_S, _U = Part.SYSTEM, Part.USER
_CONTRACTS = (
    *(
        "role_contract",
        "edit_contract",
        "tool_contract",
        "judge_repair_contract",
        "judge_optimise_contract",
        "analyst_contract",
    ),
    *("planner_contract", "critic_contract", "retriever_contract", "idea_contract", "reflector_contract"),
)
"""What a step has to hand in; one per prompt."""

SECTIONS: tuple[Section, ...] = (
    *(Section(name, _S, Overflow.KEEP) for name in _CONTRACTS),
    Section("rules", _S, Overflow.KEEP),
    Section("language_guide", _S, Overflow.CLIP, 2_500, drops=5),
    Section("examples", _S, Overflow.DROP, 5_000, drops=4),
    Section("hardware", _S, Overflow.CLIP, 500, drops=6),
    Section("kb_index", _S, Overflow.CLIP, 5_000),
    Section("task", _U, Overflow.KEEP),
    Section("baselines", _U, Overflow.CLIP, 300, drops=9),
    Section("kb_docs", _U, Overflow.ITEMS, 5_000, drops=3, items="kb_docs"),
    Section("experience", _U, Overflow.ITEMS, 3_000, drops=8, items="experience"),
    Section("lessons", _U, Overflow.ITEMS, 800, drops=7, items="lessons", oldest_first=True),
    Section("inspirations", _U, Overflow.ITEMS, 10_000, drops=2, items="inspirations"),
    Section("history", _U, Overflow.ITEMS, 1_500, drops=1, items="history", oldest_first=True),
    Section("candidate", _U, Overflow.KEEP),
    Section("feedback", _U, Overflow.CLIP, 2_000),
    Section("profile", _U, Overflow.CLIP, 1_000, drops=10),
    Section("notes", _U, Overflow.CLIP, 1_500),
    Section("directive", _U, Overflow.CLIP, 500),
    Section("ask", _U, Overflow.KEEP),
)
"""All sections, in the order in which they stand in a prompt."""

BY_NAME = {section.name: section for section in SECTIONS}
_PLACE = {section.name: place for place, section in enumerate(SECTIONS)}

SHORTHANDS: dict[str, tuple[str, ...]] = {
    "system": ("role_contract", "rules"),
    "guide": ("language_guide",),
    "example": ("examples",),
    "device": ("hardware",),
}
"""A name in a strategy's `[prompt]` table that stands for other sections, unless a template has that name."""

MAX_TOKENS = 32_000
"""Longest prompt: half of the smallest window that models of today are served with."""


class Named(Protocol):
    """A section of a recipe with a limit of its own, such as `harness.search.operators.Section`."""

    @property
    def name(self) -> str:
        """Name of the section; `history:window(8)` names an option of it too."""

    @property
    def tokens(self) -> int | None:
        """Longest; null for the section's own limit. Sections that stand whole take no notice of it."""


Wanted = str | Named
"""How a recipe names a section."""


class Recipe(Protocol):
    """What a step is shown, such as `harness.search.operators.Recipe` or a strategy's `[prompt]` table."""

    @property
    def system(self) -> Sequence[Wanted]:
        """Sections of the instructions, in order."""

    @property
    def user(self) -> Sequence[Wanted]:
        """Sections of the message, in order."""


@dataclass(frozen=True)
class Placed:
    """A section of one prompt, before it is filled."""

    name: str
    """Name of the section."""
    part: Part
    """Where it stands."""
    max_tokens: int | None
    """Longest; null for any length."""
    option: str = ""
    """What stands behind the colon of its name in the recipe."""

    @property
    def section(self) -> Section:
        """What the table says of it; a section that is not in it stands whole."""
        return BY_NAME.get(self.name) or Section(self.name, self.part, Overflow.KEEP)


def arrange(recipe: Recipe | Sequence[Wanted], own: Iterable[str] = ()) -> tuple[Placed, ...]:
    """Return the sections of a prompt in order.

    A recipe says itself what stands in the system prompt and what in the message, in which order. A bare list of sections
    is put into the order of the table, where one that is not in the table follows the one before it. `own` are the
    templates there are: a name of `SHORTHANDS` that is one of them stands for itself.
    """
    templates = frozenset(own)
    if isinstance(recipe, Sequence):
        return _in_table_order(_expanded(recipe, None, templates))
    system = _expanded(recipe.system, Part.SYSTEM, templates)
    user = list(_expanded(recipe.user, Part.USER, templates))
    names = [placed.name for placed in user]
    if "feedback" in names and "candidate" not in names:  # the record speaks of the attempt that stands before it
        at = names.index("feedback")
        user[at:at] = [_place(name, Part.USER) for name in ("inspirations", "candidate") if name not in names]
    return tuple({placed.name: placed for placed in (*system, *user)}.values())


def _in_table_order(found: Iterable[Placed]) -> tuple[Placed, ...]:
    at = 0
    keyed: dict[str, tuple[tuple[bool, int, int], Placed]] = {}
    for placed in found:
        at = _PLACE.get(placed.name, at)
        keyed[placed.name] = (placed.part is Part.USER, at, len(keyed)), placed
    return tuple(placed for _, placed in sorted(keyed.values(), key=lambda entry: entry[0]))


def _expanded(wanted: Iterable[Wanted], part: Part | None, own: frozenset[str]) -> Iterator[Placed]:
    for entry in wanted:
        whole, tokens = (entry, None) if isinstance(entry, str) else (entry.name, entry.tokens)
        name, _, option = whole.partition(":")
        for each in (name,) if name in own else SHORTHANDS.get(name, (name,)):
            yield _place(each, part, tokens, option)


def _place(name: str, part: Part | None, tokens: int | None = None, option: str = "") -> Placed:
    known = BY_NAME.get(name)
    own_part = known.part if known else Part.USER
    return Placed(name, part or own_part, tokens or (known.max_tokens if known else None), option)
