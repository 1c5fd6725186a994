"""CUDA C++ as tokens with their places, so that text can be changed without touching what surrounds it.

One pass, linear in the text: no pattern here can try a stretch of text twice. What is not C++ (an unterminated literal, a
stray character) becomes a token as well; the compiler is the one to complain about it. Only what cannot be cut into tokens
at all ends in `TranslationError`.
"""

import bisect
import re
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

MAX_CHARACTERS = 1 << 18
"""Far more than any kernel has; translating as many takes two seconds."""


class TranslationError(ValueError):
    """The text cannot be translated; `line` counts from 1 within it."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


class Kind(IntEnum):
    """What a token is."""

    WORD = 0
    NUMBER = 1
    STRING = 2
    CHARACTER = 3
    PUNCTUATION = 4


class Token(NamedTuple):
    """A piece of text that means something; blanks and comments are none."""

    kind: Kind
    text: str
    start: int
    """Offset of the first character."""

    @property
    def end(self) -> int:
        """Offset behind the last character."""
        return self.start + len(self.text)


@dataclass(frozen=True)
class Directive:
    """A preprocessor line, its continuation lines included."""

    name: str
    """`include`, `if`, `define`, ...; empty for a lone `#`."""
    rest: str
    """What follows the name, without comments."""
    start: int
    """Offset of the `#`."""
    end: int
    """Offset of the line's end."""


@dataclass(frozen=True)
class Macro:
    """A `#define`; its body may hold kernels and launches like any other text."""

    name: str
    parameters: frozenset[str]
    """Names of its parameters, `__VA_ARGS__` included; empty for one without a list."""
    body: list[Token]
    end: int
    """Offset of the line's end."""


@dataclass
class Source:
    """A text and its tokens."""

    text: str
    tokens: list[Token] = field(default_factory=list)
    """Those outside of preprocessor lines."""
    directives: list[Directive] = field(default_factory=list)
    """All preprocessor lines, in order."""
    macros: list[Macro] = field(default_factory=list)
    """All `#define` lines, in order."""
    _lines: list[int] = field(default_factory=list)

    def line(self, offset: int) -> int:
        """Return the line, from 1, that `offset` stands on."""
        if not self._lines:
            self._lines = [match.end() for match in re.finditer("\n", self.text)]
        return bisect.bisect_right(self._lines, offset) + 1


_TRIVIA = re.compile(r"(?:[ \t\r\f\v]|\\\r?\n)+")
_LINE_COMMENT = re.compile(r"//(?:[^\\\n]|\\\r?\n|\\)*+")
_RAW = re.compile(r'(?:u8|[uUL])?R"([^ ()\\\t\v\f\n"]{0,16})\(')
_STRING = re.compile(r'(?:u8|[uUL])?"(?:[^"\\\n]|\\\r?\n|\\.)*+"?')
_CHARACTER = re.compile(r"(?:u8|[uUL])?'(?:[^'\\\n]|\\\r?\n|\\.)*+'?")
_WORD = re.compile(r"[^\W\d][\w$]*+|\$[\w$]*+")
_NUMBER = re.compile(r"\.?\d(?:[eEpP][+-]|'[0-9A-Za-z_]|[\w.])*+")
_PUNCTUATION = re.compile(
    r"<<<|<<=|<=>|->\*|\.\.\.|::|->|\+\+|--|<<|<=|>=|==|!=|&&|\|\||\+=|-=|\*=|/=|%=|&=|\|=|\^=|##|[^\w\s]|."
)
"""`>` always stands alone: how many of them close a template is not for a tokeniser to say."""
_DIRECTIVE_NAME = re.compile(r"#(?:[ \t]|/\*.*?\*/|\\\r?\n)*+(\w*)")


def tokenise(text: str) -> Source:
    """Cut `text` into tokens, preprocessor lines and macros.

    Raises:
        TranslationError: a comment or raw string does not end, or the text is longer than `MAX_CHARACTERS`.
    """
    if len(text) > MAX_CHARACTERS:
        raise TranslationError(f"the source is longer than {MAX_CHARACTERS >> 10} Ki characters", 1)
    source = Source(text)
    position, fresh = 0, True
    while position < len(text):
        character = text[position]
        if character == "\n":
            position, fresh = position + 1, True
        elif character == "#" and fresh:
            position = _directive(source, position)
        else:
            token, position = _next(source, position)
            if token is not None:
                source.tokens.append(token)
                fresh = False
    return source


def _next(source: Source, position: int) -> tuple[Token | None, int]:
    """Return the token at `position`, or None for blanks and comments, and where to go on."""
    text, character = source.text, source.text[position]
    if character in " \t\r\f\v\\" and (match := _TRIVIA.match(text, position)):
        return None, match.end()
    if character == "/" and text.startswith("//", position) and (match := _LINE_COMMENT.match(text, position)):
        return None, match.end()
    if character == "/" and text.startswith("/*", position):
        return None, _find(source, "*/", position + 2, position, "a comment") + 2
    if character in 'uULR"' and (match := _RAW.match(text, position)):
        ending = f"){match[1]}" + '"'
        end = _find(source, ending, match.end(), position, "a raw string") + len(ending)
        return Token(Kind.STRING, text[position:end], position), end
    kind, match = _classify(text, position, character)
    return Token(kind, match[0], position), match.end()


def _classify(text: str, position: int, character: str) -> tuple[Kind, re.Match[str]]:
    if character in "uUL\"'":
        if match := _STRING.match(text, position):
            return Kind.STRING, match
        if match := _CHARACTER.match(text, position):
            return Kind.CHARACTER, match
    if match := _WORD.match(text, position):
        return Kind.WORD, match
    if match := _NUMBER.match(text, position):
        return Kind.NUMBER, match
    match = _PUNCTUATION.match(text, position)
    assert match is not None, "every character but a newline is one"
    return Kind.PUNCTUATION, match


def _find(source: Source, ending: str, begin: int, start: int, what: str) -> int:
    found = source.text.find(ending, begin)
    if found < 0:
        raise TranslationError(f"{what} is not closed", source.line(start))
    return found


def _directive(source: Source, start: int) -> int:
    """Read a preprocessor line; returns the offset of its end."""
    match = _DIRECTIVE_NAME.match(source.text, start)
    name = match[1] if match else ""
    position = match.end() if match else start + 1
    begin, body, pieces, last = position, [], [], position
    while position < len(source.text) and source.text[position] != "\n":
        if name == "include":
            position = _line_end(source.text, position)
            break
        token, after = _next(source, position)
        if token is None:
            pieces += [source.text[last:position], " "]
            last = after
        else:
            body.append(token)
        position = after
    pieces.append(source.text[last:position])
    source.directives.append(Directive(name, "".join(pieces).strip(), start, position))
    if name == "define" and body and body[0].start > begin:
        source.macros.append(_macro(body, position))
    return position


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end


def _macro(body: list[Token], end: int) -> Macro:
    """Take the parameter list, which follows the name without a blank, off the body."""
    if len(body) < 2 or body[1].text != "(" or body[1].start != body[0].end:
        return Macro(body[0].text, frozenset(), body[1:], end)
    close = next((i for i, token in enumerate(body) if token.text == ")"), len(body))
    names = {token.text for token in body[2:close] if token.kind is Kind.WORD}
    if any(token.text == "..." for token in body[2:close]):
        names.add("__VA_ARGS__")
    return Macro(body[0].text, frozenset(names), body[close + 1 :], end)
