"""Sizes are replaced by position: what is not a size stays as it was written."""

import pytest

from harness.errors import ProblemError
from harness.models import Tier
from harness.suite.tiers import apply_sizes, parse, read_literals

SOURCE = '''"""A file — with a non-ASCII dash."""
import torch

N = 4096  # rows; the comment stays
M: int = 1024 * 2
shape = (3, 224, 224)
strides = [1,   2]
flat = 5, 6
one = (7,)
low = -1.5
mode = "same"
half = N // 2          # follows N


class Model: ...


TIERS = {"cpu": {"N": 8}, "ci": {"N": 2, "shape": (1, 2, 3)}}
UNSEEN = [
    {"N": 3},  # inside
]
'''


def namespace(source: str) -> dict[str, object]:
    found: dict[str, object] = {}
    exec(source.replace("import torch", ""), found)
    return found


@pytest.mark.parametrize(
    ("sizes", "line"),
    [
        ({"N": 7}, "N = 7  # rows; the comment stays"),
        ({"M": 5}, "M: int = 5"),
        ({"shape": [1, 2]}, "shape = (1, 2)"),
        ({"shape": [9]}, "shape = (9,)"),
        ({"shape": []}, "shape = ()"),
        ({"strides": [4, -4]}, "strides = [4, -4]"),
        ({"flat": [8, 9]}, "flat = (8, 9)"),
        ({"one": [1, 2]}, "one = (1, 2)"),
        ({"low": -0.25}, "low = -0.25"),
        ({"mode": "it's"}, 'mode = "it\'s"'),
        ({"mode": None}, "mode = None"),
        ({"N": True}, "N = True  # rows; the comment stays"),
    ],
)
def test_only_the_value_changes(sizes: dict, line: str):
    plain = apply_sizes(SOURCE, {})
    changed = [
        new for old, new in zip(plain.splitlines(), apply_sizes(SOURCE, sizes).splitlines(), strict=True) if old != new
    ]
    assert changed == [line]


def test_literals_are_stripped_and_nothing_else():
    expected = SOURCE[: SOURCE.index("\n\n\nTIERS")] + "\n"
    assert apply_sizes(SOURCE, {}) == expected


def test_a_computed_constant_follows():
    assert namespace(apply_sizes(SOURCE, {"N": 10}))["half"] == 5


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_file_without_literals_is_returned_to_the_byte(newline: str):
    source = newline.join(["N = 1   ", "", "# no newline at the end", "x = [ 1,2 ]"])
    assert apply_sizes(source, {}) == source
    assert apply_sizes(source, {"x": [3]}) == source.replace("[ 1,2 ]", "[3]")


def test_line_breaks_that_python_does_not_count_do_not_shift_positions():
    source = 'text = """a\x0cb\u2028c\x85d"""\nN = 1\n'
    assert apply_sizes(source, {"N": 22}) == source.replace("N = 1", "N = 22")


def test_non_ascii_before_a_value_on_its_line_does_not_shift_it():
    assert apply_sizes("é = 1; ñ = 2\n", {"ñ": 3}) == "é = 1; ñ = 3\n"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("TIERS = {}; N = 1\n", "N = 1\n"),
        ("N = 1; TIERS = {}\nM = 2\n", "N = 1\nM = 2\n"),
        ("N = 1; TIERS = {}; M = 2\n", "N = 1; M = 2\n"),
        ("TIERS: dict = {}  # all of it\nN = 1\n", "N = 1\n"),
        ("N = 1\nTIERS = {}", "N = 1\n"),
        ("TIERS = {}\r\nN = 1\r\n", "N = 1\r\n"),
        ("N = 1\r\n\r\nTIERS = {}\r\n", "N = 1\r\n"),
    ],
)
def test_stripping_keeps_the_neighbours(source: str, expected: str):
    assert apply_sizes(source, {}) == expected


@pytest.mark.parametrize(
    ("source", "sizes", "message"),
    [
        ("batch_size = 1\n", {"batch_sise": 2}, "unknown constant 'batch_sise' - did you mean 'batch_size'?"),
        ("a, b = 1, 2\n", {"a": 3}, "'a' is not assigned on its own"),
        ("a = b = 1\n", {"b": 3}, "'b' is not assigned on its own"),
        ("N = 1\nN += 1\n", {"N": 3}, "'N' is assigned more than once"),
        ("N = 1\nif N:\n    N = 2\n", {"N": 3}, "'N' is assigned more than once"),
        ("a = 2\nn = a * 3\n", {"n": 3}, "'n' is computed (a * 3); set a instead"),
        ("n = int('3')\n", {"n": 3}, "'n' is computed (int('3'))"),
        ("shape = (1, 2)\n", {"shape": 3}, "'shape' is (1, 2) in the file and cannot become 3"),
        ("n = 1\n", {"n": [3]}, "'n' is 1 in the file and cannot become [3]"),
        ("n = 1.0\n", {"n": float("inf")}, "inf cannot be a size"),
        ("n = 1\n", {"TIERS": 3}, "unknown constant 'TIERS'"),
        ("def Model(:\n", {}, "line 1:"),
        ("n = 1\x00\n", {}, "null byte"),
    ],
)
def test_what_cannot_be_resized_is_refused(source: str, sizes: dict, message: str):
    with pytest.raises(ProblemError) as caught:
        apply_sizes(source, sizes)
    assert message in str(caught.value)


def test_reads_both_literals():
    tiers, unseen = read_literals(parse(SOURCE))
    assert tiers == {Tier.GPU: {}, Tier.CPU: {"N": 8}, Tier.CI: {"N": 2, "shape": [1, 2, 3]}}
    assert unseen == [{"N": 3}]


def test_reading_does_not_execute():
    source = "raise SystemExit\nN = 1\nTIERS = {'ci': {'N': 2}}\n"
    assert read_literals(parse(source))[0][Tier.CI] == {"N": 2}


@pytest.mark.parametrize(
    ("literal", "message"),
    [
        ("TIERS = {'cpu': dict(N=2)}", "line 2: TIERS must be a literal"),
        ("TIERS = [1]", "TIERS must be a dict of dicts"),
        ("TIERS = {'cpu': 3}", "TIERS['cpu'] must be a dict"),
        ("TIERS = {'cpuu': {}}", "unknown tier 'cpuu' - did you mean 'cpu'? (known: cpu, ci)"),
        ("TIERS = {'gpu': {}}", "must not hold 'gpu'"),
        ("TIERS = {'cpu': {'M': 2}}", "TIERS['cpu']: unknown constant 'M'"),
        ("TIERS = {'cpu': {'N': [[1]]}}", "TIERS['cpu']: 'N' must be a number"),
        ("TIERS = {'cpu': {1: 2}}", "TIERS['cpu']: 1 must be a number"),
        ("TIERS = {}; TIERS = {}", "TIERS must be assigned once"),
        ("UNSEEN = {'N': 2}", "UNSEEN must be a list of dicts"),
        ("UNSEEN = [{'N': 2}, {'K': 2}]", "UNSEEN[1]: unknown constant 'K'"),
    ],
)
def test_a_bad_literal_is_one_clear_error(literal: str, message: str):
    with pytest.raises(ProblemError) as caught:
        read_literals(parse(f"N = 1\n{literal}\n"))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
