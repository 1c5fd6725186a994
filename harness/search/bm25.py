"""BM25: how well each of a few hundred short texts answers a query, from word counts alone.

Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009, section 3; the idf is the variant
that is never negative (as in Lucene). No index on disk, no embedding, the same answer everywhere.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from math import log

K1 = 1.2
"""How fast another occurrence of a word stops counting."""
B = 0.75
"""How much a long text is held against it."""

_WORD = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*")
_SUFFIXES = ("ations", "ation", "ions", "ings", "ion", "ing", "ers", "er", "ed", "es", "s", "e")
_STEM = 3
"""A stem keeps at least this many letters."""
_STOP = re.compile(r"an?|and|are|as|at|be|by|for|from|in|into|is|its?|of|on|or|than|that|the|this|to|was|with")
"""Words that say nothing about a text."""


def words(text: str) -> list[str]:
    """Return the terms of `text`: lower case, stemmed; `split-K` gives `splitk` besides its parts."""
    found: list[str] = []
    for whole in _WORD.findall(text.lower()):
        parts = re.split(r"[-_.]", whole)
        found += [stem(part) for part in parts if not _STOP.fullmatch(part)]
        if len(parts) > 1:
            found.append("".join(parts))
    return found


@cache
def stem(word: str) -> str:
    """Return `word` without its ending, so that tile, tiles, tiled and tiling agree, and -ize with -ise."""
    word = re.sub(r"iz(?=e|ing|ation)", "is", word)
    if not word.isalpha():
        return word
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and not word.endswith("ss") and len(word) - len(suffix) >= _STEM:
            return (
                word.removesuffix(suffix).removesuffix("t") if suffix.startswith("ion") else word.removesuffix(suffix)
            )
    return word


class Bm25:
    """The word counts of some texts, by name. A text is a sequence of fields, each with a weight."""

    def __init__(self, texts: Mapping[str, Sequence[tuple[int, str]]]) -> None:
        self._counts: dict[str, Counter[str]] = {}
        for name, fields in texts.items():
            counts: Counter[str] = Counter()
            for weight, text in fields:
                for word in words(text):
                    counts[word] += weight
            self._counts[name] = counts
        self._lengths = {name: counts.total() for name, counts in self._counts.items()}
        self._mean = sum(self._lengths.values()) / max(1, len(self._lengths)) or 1.0
        self._holders = Counter(word for counts in self._counts.values() for word in counts)

    def rank(self, query: str) -> list[tuple[str, float]]:
        """Return the names whose texts share a word with `query`, best first, equal scores by name."""
        asked = sorted(set(words(query)))
        scores = {name: self._score(name, asked) for name in self._counts}
        return sorted(((name, score) for name, score in scores.items() if score > 0), key=lambda hit: (-hit[1], hit[0]))

    def _score(self, name: str, asked: Sequence[str]) -> float:
        counts, total = self._counts[name], len(self._counts)
        norm = K1 * (1 - B + B * self._lengths[name] / self._mean)
        score = 0.0
        for word in asked:
            if count := counts.get(word, 0):
                holders = self._holders[word]
                score += log(1 + (total - holders + 0.5) / (holders + 0.5)) * count * (K1 + 1) / (count + norm)
        return score
