"""What g++ logs of loops becomes a word to their author; what is said of other files, or of outer loops, does not."""

import subprocess
from pathlib import Path

import pytest

from harness.build import toolchain
from harness.build.remarks import MAX_REMARKS, parse
from harness.models import RemarkKind

RECORDED = (Path(__file__).parent / "recorded" / "opt_info.txt").read_text()
"""g++ 12.2, -O3 -march=haswell, of fourteen functions whose loops are vectorised or not for different reasons."""

REASONS = {
    11: "calls expf for one value at a time; allow -ffast-math",
    14: "calls note for one value at a time; have it inlined",
    17: "its body branches",
    21: "no vector form was found",  # y[i] needs y[i - 1]
    27: "cannot tell how often it runs",  # a linked list
    31: "no vector form was found",  # a stride
    46: "a maximum or the like, whose order the language fixes",
    50: "no vectors of its type",  # long double
}
WIDTHS = {3: 32, 7: 32, 37: 16, 57: 32, 58: 32}


def test_loops_that_stayed_scalar_say_why():
    missed = {each.line: each.reason for each in parse(RECORDED) if each.kind is RemarkKind.MISSED}
    for line, words in REASONS.items():
        assert words in missed[line]


def test_loops_that_became_vectors_say_how_wide():
    found = {each.line: each.vector_bytes for each in parse(RECORDED) if each.kind is RemarkKind.VECTORISED}
    assert found == WIDTHS


def test_a_loop_around_other_loops_is_not_complained_of():
    lines = {each.line for each in parse(RECORDED)}
    assert not lines & {30, 34, 35}  # around 31, 35 and 37, which have remarks of their own


def test_a_loop_that_is_vectorised_in_one_copy_is_vectorised():
    log = (
        "candidate.py:4:1: missed: couldn't vectorize loop\n"
        "candidate.py:4:1: missed: not vectorized: control flow in loop.\n"
        "candidate.py:4:1: optimized: loop vectorized using 32 byte vectors\n"
        "candidate.py:4:1: optimized: loop vectorized using 16 byte vectors\n"
    )
    (remark,) = parse(log)
    assert (remark.kind, remark.vector_bytes) == (RemarkKind.VECTORISED, 32)


@pytest.mark.parametrize(
    "log",
    [
        "",
        "/usr/include/c++/12/cmath:223:26: missed: couldn't vectorize loop",
        "evil/candidate.py:3:1: missed: couldn't vectorize loop",
        "candidate.py:3: missed: couldn't vectorize loop",
        "candidate.py:3:1: note: ***** Analysis failed",
        "candidate.py:99999999999999999999:1: missed: couldn't vectorize loop",
        "candidate.py:16:11: optimized: basic block part vectorized using 64 byte vectors",
    ],
)
def test_what_is_not_about_a_loop_of_the_candidate_is_passed_over(log: str):
    assert parse(log) == []


def test_an_unknown_reason_is_quoted_and_bounded():
    log = (
        "candidate.py:3:1: missed: couldn't vectorize loop\ncandidate.py:3:9: missed: not vectorized: " + "moon " * 999
    )
    (remark,) = parse(log)
    assert remark.reason.startswith("moon moon")
    assert len(remark.reason) <= 200
    (silent,) = parse("candidate.py:3:1: missed: couldn't vectorize loop")
    assert silent.reason == "the compiler does not say why"


def test_there_are_only_so_many():
    log = "\n".join(f"candidate.py:{n}:1: optimized: loop vectorized using 32 byte vectors" for n in range(1, 999))
    assert len(parse(log)) == MAX_REMARKS


def test_this_machines_compiler_is_understood(tmp_path: Path):
    """Not the recording: a compiler whose words have changed is noticed here."""
    tools = toolchain()
    if "clang" in tools.version:
        pytest.skip("the remarks are g++'s")
    (tmp_path / "main.cpp").write_text(
        '#line 1 "candidate.py"\n#include <cmath>\n'
        "void twice(float* y, int n) {\n  for (int i = 0; i < n; ++i) y[i] *= 2;\n}\n"  # line 3
        "void exps(float* y, int n) {\n  for (int i = 0; i < n; ++i) y[i] = std::exp(y[i]);\n}\n"  # line 6
    )
    command = [tools.compiler, "-O3", "-S", "-o", "/dev/null", "-fopt-info-vec-optimized-missed=log", "main.cpp"]
    subprocess.run(command, cwd=tmp_path, check=True)
    first, second = parse((tmp_path / "log").read_text())
    assert (first.file, first.line, first.kind) == ("candidate.py", 3, RemarkKind.VECTORISED)
    assert (second.line, second.kind) == (6, RemarkKind.MISSED)
    assert "expf" in second.reason
