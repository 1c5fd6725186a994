"""Reads what nvcc and its parts print: errors by the candidate's line, told apart from what our declarations lack.

The text is evidence for people; whether compiling succeeded is decided by the binary.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from harness.build.request import Diagnostic
from harness.build.sourcemap import CANDIDATE, source_line

MAX_DIAGNOSTICS = 20

_FRONT_END = re.compile(
    r"([^()\n]{1,200})\((\d{1,7})\): (?:catastrophic )?(error|warning)(?: #\d{1,5}-D)?: (.{1,2000})"
)
_PREPROCESSOR = re.compile(r"([^:\n]{1,200}):(\d{1,7})(?::\d{1,7})?: (fatal error|error): (.{1,2000})")
_ASSEMBLER = re.compile(r"ptxas (?:error|[^,\n]{1,300}, line \d{1,7}; error) *: (.{1,2000})")
_UNRESOLVED = re.compile(r"ptxas fatal *: (Unresolved extern .{1,500})")
_OWN_SOURCE = re.compile(r"cuda(\d{1,4})\.cu")
_NO_HEADER = re.compile(r"(\S{1,200}): No such file or directory|cannot open source file \"([^\"]{1,200})\"")
_DETAIL = re.compile(r"\s*((?:operand|argument|object) types? (?:are|is): .{1,500})")
_OURS = re.compile(
    r"\b(?:at|c10|torch|caffe2|py|pybind11|harness_stub)::|\bTensor\b|HARNESS_STUB|\bis undefined$|^name followed by \"::\""
)
"""Errors about what our declarations stand for: torch's own headers may well accept the line. An unknown name is one: the
emulation's compiler has found it, so that it is more likely missing here than in the candidate."""
_USES_TORCH = re.compile(r"\b(?:at|c10|torch|py|pybind11)::|\bTORCH_|\bAT_")


@dataclass(frozen=True)
class Messages:
    """What was printed, sorted by whose fault it is."""

    diagnostics: tuple[Diagnostic, ...] = ()
    """Errors of the candidate's device code."""
    headers: tuple[str, ...] = ()
    """Headers that are not on this machine."""
    unsure: tuple[str, ...] = ()
    """Errors that may be our declarations' fault."""


def parse(output: str, candidate_source: str, sources: Sequence[str] = ()) -> Messages:
    """Return the errors in `output`, at most `MAX_DIAGNOSTICS` of each kind; `sources` are the texts that were compiled.

    What follows an error that may be ours is taken for its consequence.
    """
    diagnostics: list[Diagnostic] = []
    headers: list[str] = []
    unsure: list[str] = []
    for found in _errors(output.splitlines(), candidate_source, sources):
        if header := _NO_HEADER.search(found.message):
            headers.append(header[1] or header[2])
        elif (unsure and not diagnostics) or _may_be_ours(found):
            unsure.append(str(found).splitlines()[0])
        else:
            diagnostics.append(found)
    return Messages(tuple(diagnostics[:MAX_DIAGNOSTICS]), _few(headers), _few(unsure))


def _may_be_ours(error: Diagnostic) -> bool:
    elsewhere = bool(error.file) and error.file != CANDIDATE and not _OWN_SOURCE.fullmatch(error.file)
    return elsewhere or bool(_OURS.search(error.message) or _USES_TORCH.search(error.source_line))


def _errors(lines: list[str], candidate_source: str, sources: Sequence[str]) -> list[Diagnostic]:
    """Return each error with the types that the line after it names."""
    found: list[Diagnostic] = []
    for line in lines:
        if error := _error(line.strip(), candidate_source, sources):
            found.append(error)
        elif found and (detail := _DETAIL.match(line)):
            found[-1] = replace(found[-1], message=f"{found[-1].message}: {detail[1]}"[:500])
    return found


def _error(line: str, candidate_source: str, sources: Sequence[str]) -> Diagnostic | None:
    if placed := _FRONT_END.match(line) or _PREPROCESSOR.match(line):
        file, number, kind, text = placed.groups()
        if kind == "warning":
            return None
        place = file.rpartition("/")[2]
        own = ""
        if place == CANDIDATE:
            own = source_line(candidate_source, int(number))
        elif (named := _OWN_SOURCE.fullmatch(place)) and int(named[1]) < len(sources):
            own = source_line(sources[int(named[1])], int(number))
        return Diagnostic("error", text[:500], place, int(number), own)
    if plain := _ASSEMBLER.match(line) or _UNRESOLVED.match(line):
        return Diagnostic("error", plain[1].strip()[:500])
    return None


def _few(lines: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(lines))[:MAX_DIAGNOSTICS]
