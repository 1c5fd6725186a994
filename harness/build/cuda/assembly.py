"""Inline PTX: `asm("text" : outputs : inputs : clobbers)` becomes a call of the emulation's interpreter of PTX.

Instructions that it does not have are refused here, by name and before anything is compiled.
"""

import functools
import re
from pathlib import Path

from harness.build.cuda.region import Region
from harness.build.cuda.tokens import Kind, TranslationError

OPCODES = Path(__file__).parent / "ptx_opcodes.txt"
_KEYWORDS = {"asm", "__asm__", "__asm"}
_QUALIFIERS = {"volatile", "__volatile__", "__volatile"}
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r"}
_RAW = re.compile(r'\w*R"([^(]*)\((.*)\)\1"', re.DOTALL)
_COMMENT = re.compile(r"//[^\n]*|/\*(?:[^*]|\*(?!/))*+(?:\*/)?")
_INSTRUCTION = re.compile(r"(?:[\s{}]|\w+:(?!:)|@!?%?\w+\s)*+([A-Za-z_][\w.:]*)?")
_UNKNOWN = "\0"
"""Stands for a piece of the text that only the preprocessor knows."""


@functools.cache
def known_opcodes() -> frozenset[str]:
    """Return the opcodes that the emulation has, each with as many modifiers as tell it apart."""
    lines = OPCODES.read_text().split("\n")
    return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))


def rewrite_assembly(region: Region) -> None:
    """Rewrite all inline PTX of `region`.

    Raises:
        TranslationError: it has an instruction that the emulation does not have, or cannot be read.
    """
    for index, token in enumerate(region.tokens):
        if token.kind is Kind.WORD and token.text in _KEYWORDS:
            opening = index + 1
            while region.text(opening) in _QUALIFIERS:
                opening += 1
            if region.text(opening) == "(":
                _rewrite(region, index, opening)


def _rewrite(region: Region, index: int, opening: int) -> None:
    closing = region.close(opening)
    if closing < 0:
        raise region.error("an asm statement is not closed", index)
    colons = _colons(region, opening + 1, closing)
    text_end = colons[0][0] if colons else closing
    _check(region, opening + 1, text_end)
    tokens, edits = region.tokens, region.edits
    edits.replace(tokens[index].start, tokens[opening].end, "HARNESS_PTX(")
    borders = [*colons, (closing, 1)]
    section = 0
    for number, (border, width) in enumerate(borders[:-1]):
        section += width
        first, last = border + 1, borders[number + 1][0]
        if section > 2:  # what it clobbers is nobody's business here
            edits.replace(tokens[border].start, tokens[last - 1].end, "")
            continue
        has_operands = first < last
        edits.replace(tokens[border].start, tokens[border].end, ", " if has_operands else "")
        if has_operands:
            _operands(region, first, last)


def _colons(region: Region, first: int, last: int) -> list[tuple[int, int]]:
    """Return the colons between `first` and `last`: index, and how many sections each one begins (`::` is two)."""
    found, index = [], first
    while index < last:
        if region.text(index) in {":", "::"}:
            found.append((index, len(region.text(index))))
        index = region.skip(index) + 1
    return found


def _operands(region: Region, first: int, last: int) -> None:
    """Rewrite `"=f"(d), "+r"(e)` to calls that say which way each operand goes."""
    index = first
    while index < last:
        if region.text(index) == "[":
            raise region.error("names an operand of inline PTX, which nvcc does not compile", index)
        constraint = index
        while index < last and region.text(index) not in {"(", ","}:
            index += 1
        close = region.close(index)
        if region.text(index) != "(" or close < 0 or index == constraint:
            raise region.error("an operand of inline PTX cannot be read", constraint)
        words = region.words(constraint, index)
        way = "ptx_out" if "=" in words else "ptx_inout" if "+" in words else "ptx_in"
        region.edits.insert(region.tokens[constraint].start, f"::harness_cuda::{way}(")
        region.edits.insert(region.tokens[index].start, ", ")
        region.edits.insert(region.tokens[close].end, ")")
        index = close + 1
        if index < last and region.text(index) != ",":
            raise region.error("an operand of inline PTX cannot be read", index)
        index += 1


def _check(region: Region, first: int, last: int) -> None:
    """Refuse instructions that the emulation does not have."""
    if first == last:
        raise region.error("inline PTX without a text", first)
    pieces = []
    for index in range(first, last):
        token = region.tokens[index]
        pieces.append(_decoded(token.text) if token.kind is Kind.STRING else _UNKNOWN)
    text = _COMMENT.sub(" ", "".join(pieces))
    for statement in text.split(";"):
        match = _INSTRUCTION.match(statement)
        opcode = match[1] if match else None
        if opcode is None or (match and statement[match.end() : match.end() + 1] == _UNKNOWN):
            continue
        if not _known(opcode):
            raise TranslationError(
                f"uses the PTX instruction {opcode[:80]}, which the emulation does not have",
                region.source.line(region.tokens[first].start),
            )


def _known(opcode: str) -> bool:
    known = known_opcodes()
    position = opcode.find(".")
    while position >= 0:
        if opcode[:position] in known:
            return True
        position = opcode.find(".", position + 1)
    return opcode in known


def _decoded(literal: str) -> str:
    raw = _RAW.fullmatch(literal)
    if raw:
        return raw[2]
    return _ESCAPE.sub(lambda m: _ESCAPED.get(m[1], m[1]), literal[literal.find('"') + 1 : -1])
