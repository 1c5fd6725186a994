"""Reads the compiler's messages from its JSON output. They are evidence for people; success is decided by the file."""

import json

from harness.build.request import Diagnostic
from harness.build.sourcemap import CANDIDATE, source_line

MAX_DIAGNOSTICS = 20


def parse(output: str, candidate_source: str) -> tuple[Diagnostic, ...]:
    """Return the messages, errors first, at most `MAX_DIAGNOSTICS`; none if `output` is not the compiler's JSON.

    Source: GCC manual, "Diagnostic Message Formatting Options", `-fdiagnostics-format=json`.
    """
    found: list[Diagnostic] = []
    for line in output.splitlines():
        if line.startswith("["):
            try:
                entries = json.loads(line)
            except (ValueError, RecursionError):
                continue
            for entry in entries:
                if isinstance(entry, dict):
                    found.append(_diagnostic(entry, candidate_source))
    return tuple(sorted(found, key=lambda d: "error" not in d.kind)[:MAX_DIAGNOSTICS])


def _diagnostic(entry: dict[str, object], candidate_source: str) -> Diagnostic:
    """Take the place in the candidate if the message or one of its notes has one, else the message's own."""
    places = []
    for part in (entry, *_dicts(entry.get("children"))):
        for location in _dicts(part.get("locations")):
            caret = location.get("caret")
            if isinstance(caret, dict):
                places.append((str(caret.get("file", "")), _number(caret.get("line"))))
    own = next((p for p in places if p[0] == CANDIDATE), None)
    file, line = own or (places[0] if places else ("", 0))
    text = source_line(candidate_source, line) if file == CANDIDATE else ""
    return Diagnostic(str(entry.get("kind", "")), str(entry.get("message", ""))[:500], _short(file), line, text)


def _number(value: object) -> int:
    """A line number; 0 for what is none, because an assembler's `.print` may have written it."""
    return value if isinstance(value, int) and 0 < value < 1 << 31 else 0


def _dicts(value: object) -> list[dict[str, object]]:
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []


def _short(file: str) -> str:
    """A header's path from its include folder on: absolute paths mean nothing to a reader elsewhere."""
    return file.rpartition("/include/")[2]
