"""The compiler's messages about translated code, in the candidate's own terms.

What the emulation lacks is named as such; names that the translator made up are taken out.
"""

import dataclasses
import re
from collections.abc import Iterable

from harness.build.cuda.refusals import refusal
from harness.build.request import Diagnostic
from harness.build.sourcemap import CANDIDATE

_NAMESPACES = "cub|thrust|cuda|cooperative_groups|cg|nvcuda|wmma|at::cuda|c10::cuda|torch::cuda|nvtx3"
_HEADER = re.compile(r"(?P<name>[\w./+-]+): No such file or directory")
_OWN = re.compile(r"uses .*, which the emulation does not have")
_MEMBER = re.compile(rf"'(?P<name>\w+)' is not a member of '(?P<space>(?:{_NAMESPACES})[\w:]*)'")
_QUALIFIED = re.compile(rf"'(?P<name>(?:{_NAMESPACES})::[\w:]+)' has not been declared")
_NO_MATCH = re.compile(r"no matching function for call to '(?P<call>[^']+)'")
_NO_MEMBER = re.compile(r"'(?:(?:class|struct|const) )*(?P<type>[^']+)' has no member named '(?P<name>\w+)'")
_OURS = re.compile(rf"(?:{_NAMESPACES})::\w")
_UNDECLARED = re.compile(
    r"'(?P<name>cuda[A-Z]\w*|cu[A-Z]\w*|__[a-z]\w*|atomic[A-Z]\w*|make_\w+[2-8]|h[a-z]+2?|tex\w+|clock\w*|curand\w*)'"
    r" (?:was not declared in this scope|has not been declared|does not name a type)"
)
_HEADERS_OF_CUDA = re.compile(
    r"(?:cu[a-z_]*|cub|thrust|cooperative_groups|nv|mma|vector_|device_|ATen/cuda|c10/cuda|math_constants|sm_|crt)[\w./]*"
)
_ALIAS = re.compile(r"(?:\w+::)*harness_shared_\d+_\w+' \{aka '")
_SHARED = re.compile(r"harness_shared_\d+_(\w+)")
_CONFIGURATION = re.compile(r"no matching function for call to '[\w:]*Configuration\((.*)\)'")
_ARGUMENT = re.compile(r"harness_argument_(\d+)")
_QUOTES = {0x2018: "'", 0x2019: "'"}
_INTERNAL = re.compile(r"harness_tag_\d|\bshared_variable<")
_INSTANCE = re.compile(r"(?:\w+\([^']*\)::)?<lambda\(\)> ?|(?:::)?harness_cuda::")


def readable(found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return the messages reworded; errors in the candidate's own lines come first, as the likely causes."""
    reworded = [dataclasses.replace(d, message=_reworded(d)) for d in found]
    ours = [d for d in reworded if _INTERNAL.search(d.message)]
    if len(ours) < len(reworded):  # what follows from an error that is told already
        reworded = [d for d in reworded if d not in ours]
    return tuple(sorted(reworded, key=_rank))


def _rank(diagnostic: Diagnostic) -> tuple[bool, bool, bool]:
    is_error = "error" in diagnostic.kind
    refused = bool(_OWN.search(diagnostic.message))
    return not is_error, not refused, diagnostic.file != CANDIDATE and not diagnostic.file.endswith(".cu")


def _reworded(diagnostic: Diagnostic) -> str:
    message = diagnostic.message.translate(_QUOTES).removeprefix("#error ").strip('"')
    if "error" in diagnostic.kind:
        if own := _OWN.search(message):
            return own[0]
        if feature := _missing(message):
            return refusal(feature)
    message = _SHARED.sub(r"\1", _ALIAS.sub("", message))
    message = _CONFIGURATION.sub(r"a launch cannot take <<<\1>>>", message)
    message = _ARGUMENT.sub(lambda m: f"argument {int(m[1]) + 1} of the launch", message)
    return _INSTANCE.sub("", message)


def _missing(message: str) -> str | None:
    """Return what the emulation lacks if that is what `message` complains of."""
    if (match := _HEADER.search(message)) and _HEADERS_OF_CUDA.fullmatch(match["name"]):
        return f"<{match['name']}>"
    if match := _MEMBER.search(message):
        return f"{match['space']}::{match['name']}"
    if match := _QUALIFIED.search(message) or _UNDECLARED.search(message):
        return match["name"]
    if (match := _NO_MEMBER.search(message)) and _OURS.match(match["type"]):
        return f"{_without_arguments(match['type'])}::{match['name']}"
    if (match := _NO_MATCH.search(message)) and _OURS.match(match["call"]):
        return f"{_without_arguments(match['call'])} with these arguments"
    return None


def _without_arguments(name: str) -> str:
    """Return a C++ name without its template arguments, up to its parameters: `cub::BlockScan<T, 128>::Sum(T)`."""
    depth, kept = 0, ""
    for letter in name:
        if letter == "(" and not depth:
            break
        depth += letter == "<"
        if not depth:
            kept += letter
        depth -= letter == ">"
    return kept.strip()
