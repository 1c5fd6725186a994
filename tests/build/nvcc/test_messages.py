"""Errors of nvcc's parts: whose they are, and where they stand in the candidate."""

import pytest

from harness.build.nvcc.messages import MAX_DIAGNOSTICS, parse

CANDIDATE = "line one\nline two\n  x = y + 1;\n"


def test_an_error_has_its_line_and_the_types_it_is_about():
    text = """/tmp/x/candidate.py(3): error: no operator "+" matches these operands
            operand types are: __half + int
  x = y + 1;
        ^

candidate.py(2): warning #177-D: variable "z" was declared but never referenced
1 error detected in the compilation of "main.cu".
"""
    found = parse(text, CANDIDATE)
    (error,) = found.diagnostics
    assert (error.file, error.line, error.source_line) == ("candidate.py", 3, "  x = y + 1;")
    assert error.message == 'no operator "+" matches these operands: operand types are: __half + int'
    assert (found.headers, found.unsure) == ((), ())


def test_a_text_that_is_no_literal_keeps_its_own_lines():
    (error,) = parse("cuda1.cu(2): error: expected an expression", "", ["a", "first\nsecond +;\n"]).diagnostics
    assert (error.file, error.line, error.source_line) == ("cuda1.cu", 2, "second +;")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "ptxas error   : Entry function 'k' uses too much shared data (0x13880 bytes, 0xc000 max)",
            "uses too much shared data",
        ),
        ("ptxas /tmp/x.ptx, line 33; error   : Feature 'wgmma' requires .target sm_90a", "requires .target sm_90a"),
        ("ptxas fatal   : Unresolved extern function '_Z3foov'", "Unresolved extern function"),
    ],
)
def test_the_assemblers_errors_are_the_candidates(line: str, message: str):
    (error,) = parse(line, "").diagnostics
    assert message in error.message


@pytest.mark.parametrize(
    "line",
    [
        'candidate.py(1): error: class "at::Tensor" has no member "frobnicate"',
        'candidate.py(1): error: identifier "helper_of_torch" is undefined',
        "/usr/include/harness_stub/tensor.h(12): error: expected a declaration",
        'candidate.py(1): error: name followed by "::" must be a class or namespace name',
    ],
)
def test_what_our_declarations_may_lack_is_nobodys_fault(line: str):
    found = parse(line + "\ncandidate.py(3): error: expected a ;", CANDIDATE)
    assert found.diagnostics == (), "what follows may be its consequence"
    assert len(found.unsure) == 2


def test_a_missing_header_is_named():
    found = parse("candidate.py:3:10: fatal error: cutlass/gemm.h: No such file or directory", CANDIDATE)
    assert (found.headers, found.diagnostics) == (("cutlass/gemm.h",), ())


@pytest.mark.parametrize(
    "line",
    [
        "nvcc fatal   : Failed to preprocess host compiler properties.",
        "ptxas fatal   : Memory allocation failure",
        "",
        "\0",
    ],
)
def test_the_machines_faults_are_not_the_candidates(line: str):
    assert parse(line, CANDIDATE).diagnostics == ()


def test_errors_are_bounded():
    text = "\n".join(f"candidate.py({i}): error: {'x' * 10_000}" for i in range(1, 1000))
    found = parse(text, CANDIDATE)
    assert len(found.diagnostics) == MAX_DIAGNOSTICS
    assert max(len(d.message) for d in found.diagnostics) == 500
