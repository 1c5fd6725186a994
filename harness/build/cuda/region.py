"""A stretch of tokens with its brackets matched, and the changes that are to be made to its text."""

import re
from dataclasses import dataclass, field

from harness.build.cuda.tokens import Kind, Source, Token, TranslationError

_BREAK = re.compile(r"\\?\r?\n")
_CLOSES = {")": "(", "]": "[", "}": "{"}
STATEMENT_ENDS = frozenset({";", "{", "}"})


@dataclass
class Edits:
    """Changes to one text, by offset. What was put in first at a place stands first."""

    source: Source
    _changes: list[tuple[int, int, int, str]] = field(default_factory=list)

    def replace(self, start: int, end: int, text: str) -> None:
        """Put `text` where `start` to `end` was; its line breaks are kept, so that line numbers hold."""
        breaks = "".join(_BREAK.findall(self.source.text, start, end))
        self._changes.append((start, end, len(self._changes), text + breaks))

    def insert(self, at: int, text: str) -> None:
        """Put `text` before the character at `at`."""
        self._changes.append((at, at, len(self._changes), text))

    def apply(self) -> str:
        """Return the changed text. Of two changes that overlap, the later one is left out."""
        parts, position = [], 0
        for start, end, _, text in sorted(self._changes):
            if start >= position:
                parts += [self.source.text[position:start], text]
                position = end
        parts.append(self.source.text[position:])
        return "".join(parts)


@dataclass
class Region:
    """The text outside of preprocessor lines, or the body of one macro."""

    source: Source
    tokens: list[Token]
    edits: Edits
    parameters: frozenset[str] | None = None
    """A macro's parameters; None outside of macros."""
    partner: list[int] = field(default_factory=list)
    """Index of the bracket that belongs to the one at this index, or -1."""

    def __post_init__(self) -> None:
        self.partner = _match(self.tokens)

    @property
    def in_macro(self) -> bool:
        """Whether this is the body of a macro."""
        return self.parameters is not None

    def text(self, index: int) -> str:
        """Return the token at `index`, or nothing outside of the region."""
        return self.tokens[index].text if 0 <= index < len(self.tokens) else ""

    def is_word(self, index: int) -> bool:
        """Whether there is a word at `index`."""
        return 0 <= index < len(self.tokens) and self.tokens[index].kind is Kind.WORD

    def error(self, message: str, index: int) -> TranslationError:
        """Return an error at the token at `index`."""
        place = self.tokens[min(max(index, 0), len(self.tokens) - 1)].start
        return TranslationError(message, self.source.line(place))

    def close(self, index: int) -> int:
        """Return the index of the bracket that closes the one at `index`; -1 if none does."""
        return self.partner[index] if 0 <= index < len(self.partner) else -1

    def skip(self, index: int) -> int:
        """Return `index`, or for an opening bracket the index of the closing one."""
        partner = self.partner[index]
        return partner if partner > index else index

    def remove(self, first: int, last: int) -> None:
        """Take the tokens from `first` to `last`, both included, out of the text."""
        self.edits.replace(self.tokens[first].start, self.tokens[last].end, "")

    def words(self, first: int, last: int) -> str:
        """Return the tokens from `first` up to `last` (not included) on one line, without comments."""
        parts: list[str] = []
        for index in range(first, last):
            token = self.tokens[index]
            glued = index == first or token.start == self.tokens[index - 1].end
            parts.append(token.text if glued else " " + token.text)
        return "".join(parts).replace("\\\n", "").replace("\n", " ")


def _match(tokens: list[Token]) -> list[int]:
    """Pair the brackets. One that has no partner gets -1: preprocessor branches may open twice and close once."""
    partner = [-1] * len(tokens)
    open_: list[int] = []
    waiting = {"(": 0, "[": 0, "{": 0}
    for index, token in enumerate(tokens):
        if token.kind is not Kind.PUNCTUATION:
            continue
        if token.text in waiting:
            open_.append(index)
            waiting[token.text] += 1
        elif (wanted := _CLOSES.get(token.text)) and waiting[wanted]:
            while open_:
                candidate = open_.pop()
                waiting[tokens[candidate].text] -= 1
                if tokens[candidate].text == wanted:
                    partner[candidate], partner[index] = index, candidate
                    break
    return partner


def angle_close(region: Region, index: int, limit: int) -> int:
    """Return the index of the `>` that closes the `<` at `index`, if it reads like template arguments; else -1.

    Whether it does is the compiler's knowledge; taken for arguments is what closes before the statement ends and holds no
    logical operator outside of brackets.
    """
    depth = 0
    while index < limit:
        text = region.text(index)
        if text == "<":
            depth += 1
        elif text == ">":
            depth -= 1
            if depth == 0:
                return index
        elif text in STATEMENT_ENDS or text in {"&&", "||", ")", "]"}:
            return -1
        index = region.skip(index) + 1
    return -1


def split(region: Region, first: int, last: int) -> list[tuple[int, int]]:
    """Cut the tokens from `first` up to `last` at commas outside of brackets and template arguments."""
    pieces, begin, index = [], first, first
    closed_angles = 0  # up to here a `<` was looked at and found to be none
    while index < last:
        text = region.text(index)
        if text == ",":
            pieces.append((begin, index))
            begin = index + 1
        elif text == "<" and index >= closed_angles and region.is_word(index - 1):
            close = angle_close(region, index, last)
            if close > 0:
                index = close
            else:
                closed_angles = last
        index = max(region.skip(index), index) + 1
    if first < last:
        pieces.append((begin, last))
    return pieces
