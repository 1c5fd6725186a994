"""The compiler's JSON, as it is and as somebody else may have written it."""

import json
from typing import Any

import pytest

from harness.build.diagnostics import MAX_DIAGNOSTICS, parse
from harness.build.request import Diagnostic

CANDIDATE = "import torch\nint x = y;\nlast"


def entry(file: Any = "candidate.py", line: Any = 2, **changes: Any) -> dict[str, Any]:
    caret = {"caret": {"file": file, "line": line}}
    return {"kind": "error", "message": "m", "locations": [caret], "children": [], **changes}


def said(*entries: Any) -> str:
    return "some text\n" + json.dumps(list(entries)) + "\nmore text\n"


def test_a_message_is_placed_in_the_candidate() -> None:
    assert parse(said(entry()), CANDIDATE) == (Diagnostic("error", "m", "candidate.py", 2, "int x = y;"),)


def test_a_note_may_name_the_place() -> None:
    note = entry(kind="note", message="declared here")
    within = entry("/usr/include/c++/12/vector", 7, children=[note])
    assert parse(said(within), CANDIDATE) == (Diagnostic("error", "m", "candidate.py", 2, "int x = y;"),)


def test_a_header_goes_by_its_name() -> None:
    assert parse(said(entry("/somewhere/include/ATen/core/x.h", 7)), CANDIDATE)[0].file == "ATen/core/x.h"
    assert parse(said(entry("main.cpp", 7)), CANDIDATE)[0].source_line == ""


def test_errors_come_first_and_the_list_ends() -> None:
    many = [entry(kind="warning", message=f"w{i}") for i in range(50)] + [entry(kind="fatal error", message="e")]
    found = parse(said(*many), CANDIDATE)
    assert len(found) == MAX_DIAGNOSTICS
    assert [d.message for d in found[:3]] == ["e", "w0", "w1"]


def test_a_long_message_is_cut() -> None:
    assert len(parse(said(entry(message="x" * 10_000)), CANDIDATE)[0].message) == 500


@pytest.mark.parametrize(
    "text", ["", "g++: fatal error: no input files", "[", "[1, 2", "[" * 100_000, "{}", "[]", "[3]"]
)
def test_what_is_not_the_compilers_is_nothing(text: str) -> None:
    assert parse(text, CANDIDATE) == ()


@pytest.mark.parametrize(
    "forged",
    [
        entry(line="x"),
        entry(line=None),
        entry(line=[1]),
        entry(line=-5),
        entry(line=1 << 200),
        entry(line=float("inf")),
        entry(file=3),
        entry(locations=3),
        entry(locations=[3, None, {"caret": 3}, {}]),
        entry(children="x", kind=["error"]),
        entry(message={"a": 1}),
        {},
    ],
    ids=range(12),
)
def test_a_forged_message_is_only_text(forged: dict[str, Any]) -> None:
    """An assembler's `.print` writes anything to the same stream (stops: ending the judge by a line number)."""
    (found,) = parse(said(forged), CANDIDATE)
    assert isinstance(found.line, int)
    assert 0 <= found.line < 1 << 31
    assert isinstance(found.message, str)
    str(found)
