"""Output contracts: what is taken out of a reply. A reply that breaks its contract is an ordinary failure, as data."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.llm import last_code_block

NOTE_CHARS = 400
"""Longest note that is kept of what a model said of its change."""
QUOTE_CHARS = 300
"""Longest quotation of a block that does not fit."""

_BLOCK = re.compile(
    r"^<{5,9} ?SEARCH[^\n]*\n(?P<search>.*?)^={5,9}[ \t]*\n(?P<replace>.*?)^>{5,9} ?REPLACE[^\n]*$", re.DOTALL | re.M
)
_FENCED = re.compile(r"^ {0,3}(`{3,}|~{3,}).*?(?:^ {0,3}\1[^\n]*$|\Z)", re.DOTALL | re.M)
_DECODER = json.JSONDecoder()


@dataclass(frozen=True)
class Written:
    """A candidate, or why there is none."""

    code: str | None
    """The whole module."""
    what: str = ""
    """Without code: one sentence."""
    expected: str = ""
    """Without code: what the contract asks for."""
    got: str = ""
    """Without code: the part that does not fit."""


CODE_EXPECTED = "one fenced block with the whole module, as the last block"
EDIT_EXPECTED = "search/replace blocks whose search text stands exactly once in the candidate"


def written_code(reply: str) -> Written:
    """Return the last complete fenced block of a reply."""
    if code := last_code_block(reply):
        return Written(code)
    got = "a last block that is empty, or a fence that is never closed" if _FENCED.search(reply) else "no fence at all"
    said = prose(reply)[:QUOTE_CHARS] if got.startswith("no fence") else ""
    return Written(
        None, "the reply has no complete fenced code block" + (f": {said}" if said else ""), CODE_EXPECTED, got
    )


def written_edit(reply: str, base: str) -> Written:
    """Return `base` after the search/replace blocks of a reply, which are applied in their order.

    A block is `<<<<<<< SEARCH`, lines, `=======`, lines, `>>>>>>> REPLACE`. Each search text has to match exactly once
    in what the blocks before it left: no match, or several, is no edit, and nothing is guessed.
    """
    blocks = list(_BLOCK.finditer(reply))
    if not blocks:
        return Written(None, "bad_edit: the reply has no complete search/replace block", EDIT_EXPECTED)
    text = base
    for number, block in enumerate(blocks, start=1):
        search = block["search"]
        found = text.count(search) if search.strip() else 0
        if found != 1:
            places = "an empty search text" if not search.strip() else f"a search text that matches {found} places"
            what = f"bad_edit: block {number} of {len(blocks)} has {places}"
            return Written(None, what, EDIT_EXPECTED, search[:QUOTE_CHARS])
        text = text.replace(search, block["replace"])
    if not text.strip():
        return Written(None, "bad_edit: nothing is left after the edits", EDIT_EXPECTED)
    return Written(text)


def first_json(reply: str) -> dict[str, Any] | None:
    """Return the first balanced JSON object in a reply, or None where there is none."""
    position = reply.find("{")
    while position >= 0:
        try:
            value, _ = _DECODER.raw_decode(reply, position)
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, dict):
            return value
        position = reply.find("{", position + 1)
    return None


def prose(reply: str) -> str:
    """Return what a model said outside its code, as one short line: its own summary of the change."""
    text = " ".join(_FENCED.sub(" ", _BLOCK.sub(" ", reply)).split())
    return text if len(text) <= NOTE_CHARS else text[: NOTE_CHARS - 4].rstrip() + " ..."


def texts(value: Any, limit: int = 8) -> list[str]:
    """Return the texts in a list that a model wrote, shortened; anything else is no list."""
    if not isinstance(value, list):
        return []
    return [" ".join(item.split())[:NOTE_CHARS] for item in value if isinstance(item, str) and item.strip()][:limit]


def as_text(value: Mapping[str, Any]) -> str:
    """Return a model's JSON as text for another model: a line per value."""
    return "\n".join(f"* {name.replace('_', ' ')}: {_plain(entry)}" for name, entry in value.items())


def _plain(entry: Any) -> str:
    if isinstance(entry, list) and all(isinstance(item, str) for item in entry):
        return "".join(f"\n  * {item}" for item in entry)
    return entry if isinstance(entry, str) else json.dumps(entry, ensure_ascii=False)


def accepted(vote: dict[str, Any] | None) -> bool:
    """Whether a critic's JSON is a vote for the candidate; what cannot be read is none."""
    return vote is not None and vote.get("passes") is True
