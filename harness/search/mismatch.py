"""A wrong output, as its author is told: how wrong, where, and what the place suggests.

The judge's place reads `output 0, index [3, 7]; 12 of 4096 elements; inputs ...`. The last part says which questions the
judge asks besides the published ones, and is not passed on.
"""

import re
from collections.abc import Sequence
from math import prod

from harness.models import Status, Verdict

_WHERE = re.compile(
    r"output (?P<output>\d+), index \[(?P<index>[\d, ]*)\]; (?P<wrong>\d+) of (?P<total>\d+) elements(?P<rest>.*)"
)

PRECISION = "a small relative error in many elements: precision, or a slightly different formula, rather than an index"
PRECISION_ADVICE = (
    "Look for half precision, a coarse approximation, a long float32 sum, a constant or a variant of the formula that "
    "differs from the reference's."
)
SMALL, MANY = 0.02, 0.05
"""Relative error of the worst element, and share of elements, that make a precision problem likely."""

_SIZE = re.compile(r"\blargest error is (\d[\d.]*(?:e[+-]?\d+)?)\b")


def headline(verdict: Verdict) -> str:
    """Return the size of the error next to what float32 itself costs. The judge's tolerance is not told."""
    error = verdict.error
    if error is None:  # the first call of all was wrong: the judge's sentence alone has the size
        size = _SIZE.search(verdict.evidence.what)
        by = f"by up to {size[1]}" if size else "by more than rounding explains"
        return f"Values differ from the reference {by}."
    own = (
        f"; float32 arithmetic itself costs the reference {error.reference_max_abs:.2g}"
        if error.reference_max_abs
        else ""
    )
    return f"Values differ from the reference by up to {error.max_abs:.3g}{own}."


def facts(verdict: Verdict, shapes: Sequence[Sequence[int]]) -> list[tuple[str, str]]:
    """Return where the output is wrong, on which inputs, and a guess at the pattern; `shapes` are the outputs'."""
    evidence = verdict.evidence
    found = _WHERE.match(evidence.where or "")
    values = [("expected", evidence.expected or ""), ("got", evidence.got or "")]
    if found is None:
        return [("where", without_call(evidence.where or "")), *values]
    index = tuple(int(i) for i in re.findall(r"\d+", found["index"]))
    wrong, total, output = int(found["wrong"]), int(found["total"]), int(found["output"])
    shape = tuple(shapes[output]) if output < len(shapes) else ()
    as_drawn = "as published" in found["rest"]
    inputs = "inputs as the problem draws them" if as_drawn else "other values of the same contract"
    return [
        ("where", f"output {output}, worst at index {list(index)}"),
        ("how much", f"{wrong} of {total} elements are wrong ({100 * wrong / total:.3g}%)"),
        ("on", inputs),
        *values,
        ("pattern", _pattern(verdict, shape if prod(shape) == total else (), index, wrong, total)),
    ]


def _pattern(verdict: Verdict, shape: Sequence[int], index: Sequence[int], wrong: int, total: int) -> str:
    """Return a guess at the cause: from the size of the worst error where it is small, otherwise from the place."""
    if verdict.status is not Status.VALUE_MISMATCH:
        return region(shape, index, wrong, total)
    try:
        expected, got = float(verdict.evidence.expected or ""), float(verdict.evidence.got or "")
    except ValueError:
        return region(shape, index, wrong, total)
    small = 0 < abs(got - expected) <= SMALL * abs(expected)
    return PRECISION if small and wrong > MANY * total and total > 1 else region(shape, index, wrong, total)


def region(shape: Sequence[int], index: Sequence[int], wrong: int, total: int) -> str:
    """Return what the number of wrong elements and the place of the worst one suggest; a guess, and said to be one.

    `shape` may be unknown, and is empty then.
    """
    if wrong == total:
        return "every element is wrong: the computation itself, or a factor, rather than an edge"
    if wrong == 1:
        return "a single element is wrong"
    if len(shape) != len(index) or not shape:
        return ""
    edges = [d for d, (at, size) in enumerate(zip(index, shape, strict=True)) if size > 1 and at == size - 1]
    rows = [
        (d, wrong // (total // size))
        for d, size in enumerate(shape)
        if 1 < size < total and wrong % (total // size) == 0
    ]
    said = []
    if rows:
        dim, count = rows[0]
        said.append(f"as many elements as {count} whole slice{'s' if count > 1 else ''} along dimension {dim}")
    if edges:
        named = " and ".join(map(str, edges))
        said.append(f"the worst is the last along dimension {named}: a remainder after the last full tile?")
    return "; ".join(said)


def without_call(where: str) -> str:
    """Return a place without the part that names the judge's call."""
    return where.partition("; ")[0] if where.startswith(("output", "input")) else re.sub(r", call\b.*", "", where)


def place(where: str, pattern: str) -> str:
    """Return the part of `where` that matches `pattern`, or nothing."""
    found = re.search(pattern, where)
    return found[0] if found else ""
