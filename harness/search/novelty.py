"""The novelty gate: a candidate that is nearly the text of an earlier one is not worth another evaluation.

Similarity is the Jaccard index of token shingles (Broder, "On the resemblance and containment of documents", 1997),
a stand-in for embeddings that needs no model.
"""

import re
from collections.abc import Iterable

from pydantic import Field

from harness.search.tables import Table

_TOKEN = re.compile(r"\w+|[^\w\s]")
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/|(?<!\w)#(?!\s*(?:pragma|include|define|if|endif|else))[^\n]*", re.DOTALL)


class Novelty(Table):
    """`[novelty]`: when a candidate counts as a repetition."""

    similarity: float = Field(default=0.99, gt=0, le=1)
    """Share of common shingles from which on a candidate is a repetition; comments and white space do not count."""
    shingle: int = Field(default=5, ge=1)
    """Tokens of one shingle."""
    against: int = Field(default=64, ge=1)
    """How many nodes it is compared with: the archive's best, and the parent."""


def shingles(source: str, size: int) -> frozenset[int]:
    """Return the shingles of a text, hashed."""
    tokens = _TOKEN.findall(_COMMENT.sub(" ", source))
    if len(tokens) <= size:
        return frozenset({hash(tuple(tokens))})
    return frozenset(hash(tuple(tokens[i : i + size])) for i in range(len(tokens) - size + 1))


def similarity(one: frozenset[int], other: frozenset[int]) -> float:
    """Return the Jaccard index of two sets of shingles."""
    common = len(one & other)
    union = len(one) + len(other) - common
    return common / union if union else 1.0


def closest(
    mine: frozenset[int], others: Iterable[tuple[str, frozenset[int]]], least: float = 0.0
) -> tuple[str, float] | None:
    """Return the name of the most similar of `others`, the first of equals, and how similar it is.

    None where no one is at least `least` similar.
    """
    best: tuple[str, float] | None = None
    for name, theirs in others:
        sizes = sorted((len(mine), len(theirs)))
        if sizes[0] < least * sizes[1]:
            continue  # even if the smaller set were a part of the larger one
        found = similarity(mine, theirs)
        if found >= least and (best is None or found > best[1]):
            best = name, found
    return best
