"""Which parts of a source the preprocessor leaves out, as far as that can be told without its headers.

A branch for a newer chip, or for another compiler, must not count as a use of what it holds. A condition that depends on
anything but nvcc's own macros and the source's own numbers is not decided: then both branches count.
"""

import functools
import re
from dataclasses import dataclass, field

from harness.build.cuda.runtime import INCLUDE
from harness.build.cuda.tokens import Source

_WORD = re.compile(r"\s*(defined\b|[A-Za-z_]\w*|\d[\w']*|&&|\|\||[<>=!]=|<<|>>|[-+*/%<>!()])")
_ABSENT = frozenset(
    {"USE_ROCM", "__HIP_PLATFORM_AMD__", "__HIP_PLATFORM_HCC__", "__HIPCC__", "_MSC_VER", "_WIN32", "__clang__"}
)
_LEVELS = (("||",), ("&&",), ("==", "!="), ("<", ">", "<=", ">="), ("<<", ">>"), ("+", "-"), ("*", "/", "%"))
_PRECEDENCE = {operator: level for level, operators in enumerate(_LEVELS, 1) for operator in operators}
_DEFINITION = re.compile(r"(\w+)(?:\s+\(?(\d{1,9})\)?$)?")
_NUMBER = re.compile(r"(?:(0[0-7]{0,20})|([1-9]\d{0,18}|0[xX][0-9a-fA-F]{1,16}))[uUlL]*")
MAX_WORDS = 100
"""A longer condition is not decided."""
MAX_BITS = 64


class _Unknown(Exception):
    """The condition cannot be decided."""


@functools.cache
def predefined() -> dict[str, int]:
    """Return what nvcc predefines with a number, as the emulation's headers have it."""
    found: dict[str, int] = {}
    for name in ("nvcc.h", "host_types.h"):
        text = (INCLUDE / "harness_cuda" / name).read_text()
        found |= {m[1]: int(m[2]) for m in re.finditer(r"^#define (\w+) (\d+)$", text, re.MULTILINE)}
    return found


def inactive(source: Source) -> list[tuple[int, int]]:
    """Return the stretches of `source.text`, by offsets and in order, that are not compiled."""
    macros = _Macros(dict(predefined()))
    left_out: list[tuple[int, int]] = []
    open_ = _Open()
    since: int | None = None
    for directive in source.directives:
        if directive.name in {"define", "undef"}:
            if not open_.off:
                macros.change(directive.name, directive.rest, not open_.undecided)
        else:
            open_.step(directive.name, directive.rest, macros)
        if open_.off and since is None:
            since = directive.end
        elif not open_.off and since is not None:
            left_out.append((since, directive.start))
            since = None
    if since is not None:
        left_out.append((since, len(source.text)))
    return left_out


@dataclass
class _Open:
    """The conditions around a line; each value is True, False, or None where it is not decided."""

    _stack: list[tuple[bool | None, bool | None]] = field(default_factory=list)
    """Of each: whether one of its branches was taken, and whether this branch is."""
    off: int = 0
    """How many of them leave the line out."""
    undecided: int = 0
    """How many may."""

    def step(self, name: str, rest: str, macros: "_Macros") -> None:
        """Go past a preprocessor line."""
        if name in {"if", "ifdef", "ifndef"}:
            value = _decide(name, rest, macros)
            self._push(value, value)
        elif name in {"elif", "else"} and self._stack:
            taken = self._pop()
            value = _decide("if", rest, macros) if name == "elif" else True
            if taken is True:
                self._push(True, False)
            elif taken is False:
                self._push(value, value)
            else:  # an earlier branch may have been taken
                self._push(None, False if value is False else None)
        elif name == "endif" and self._stack:
            self._pop()

    def _push(self, taken: bool | None, active: bool | None) -> None:
        self._stack.append((taken, active))
        self.off += active is False
        self.undecided += active is None

    def _pop(self) -> bool | None:
        taken, active = self._stack.pop()
        self.off -= active is False
        self.undecided -= active is None
        return taken


@dataclass
class _Macros:
    """Macros that are surely defined, with their number or None; and those that may be."""

    values: dict[str, int | None]
    maybe: set[str] = field(default_factory=set)

    def change(self, directive: str, rest: str, surely: bool) -> None:
        match = _DEFINITION.match(rest)
        if match is None:
            return
        name, number = match[1], match[2]
        if not surely:
            self.maybe.add(name)
            return
        self.maybe.discard(name)
        if directive == "undef":
            self.values.pop(name, None)
        else:
            self.values[name] = int(number) if number else None

    def defined(self, name: str) -> bool:
        if name not in self.maybe:
            if name in self.values:
                return True
            if name in _ABSENT:
                return False
        raise _Unknown

    def value(self, name: str) -> int:
        number = self.values.get(name)
        if number is None or name in self.maybe:
            raise _Unknown
        return number


def _decide(name: str, rest: str, macros: "_Macros") -> bool | None:
    try:
        if name != "if":
            return macros.defined(rest.strip()) == (name == "ifdef")
        words = _words(rest)
        value = _Expression(words, macros).value(0)
        return bool(value)
    except _Unknown:
        return None


def _words(text: str) -> list[str]:
    words: list[str] = []
    position = 0
    text = text.strip()
    while position < len(text):
        match = _WORD.match(text, position)
        if match is None or len(words) >= MAX_WORDS:
            raise _Unknown
        words.append(match[1])
        position = match.end()
    return words


class _Expression:
    """A preprocessor expression, read left to right."""

    def __init__(self, words: list[str], macros: "_Macros") -> None:
        self._words = words
        self._macros = macros
        self._position = 0

    def _next(self) -> str:
        if self._position >= len(self._words):
            raise _Unknown
        self._position += 1
        return self._words[self._position - 1]

    def value(self, least: int) -> int:
        """Return the value of what follows, up to an operator that binds less than `least`."""
        left: int | None
        try:
            left = self._operand()
        except _Unknown:
            left = None
        while self._position < len(self._words):
            operator = self._words[self._position]
            precedence = _PRECEDENCE.get(operator, 0)
            if precedence <= least:
                break
            self._position += 1
            right: int | None
            try:
                right = self.value(precedence)
            except _Unknown:
                right = None
            left = _apply(operator, left, right)
        if left is None or (least == 0 and self._position < len(self._words) and self._words[self._position] != ")"):
            raise _Unknown
        return left

    def _operand(self) -> int:
        word = self._next()
        if word == "(":
            try:
                return self.value(0)
            finally:
                if self._next() != ")":
                    raise _Unknown
        if word == "!":
            return int(not self._operand())
        if word == "-":
            return -self._operand()
        if word == "defined":
            name = self._next()
            if name == "(":
                name = self._next()
                self._next()
            return int(self._macros.defined(name))
        if word[0].isdigit():
            match = _NUMBER.fullmatch(word.replace("'", ""))
            if match is None:
                raise _Unknown
            return int(match[1], 8) if match[1] else int(match[2], 0)
        return self._macros.value(word)


def _apply(operator: str, left: int | None, right: int | None) -> int | None:
    """Return the result; None if it depends on what is not known."""
    if operator == "&&" and 0 in (left, right):
        return 0
    if operator == "||" and (left or right):
        return 1
    if left is None or right is None or abs(left) >> MAX_BITS or abs(right) >> MAX_BITS:
        return None
    if operator in {"/", "%"}:
        return None if not right else left // right if operator == "/" else left % right
    if operator in {"<<", ">>"} and not 0 <= right < MAX_BITS:
        return None
    results = {
        "||": int(bool(left or right)), "&&": int(bool(left and right)), "==": int(left == right), "!=": int(left != right),
        "<": int(left < right), ">": int(left > right), "<=": int(left <= right), ">=": int(left >= right),
        "+": left + right, "-": left - right, "*": left * right,
    }  # fmt: skip
    if operator in results:
        return results[operator]
    return left << right if operator == "<<" else left >> right
