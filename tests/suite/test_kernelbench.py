"""The suite asks what KernelBench asks: same names, shapes and parameters at `gpu`, and sizes of our own beside them.

`kernelbench.tsv` is what KernelBench v0.1's own files gave under fake tensors: shapes of the tensors in and out (level1/5
has a Python number besides) and the number of parameters.
"""

import ast
import csv
from collections.abc import Mapping
from pathlib import Path

import pytest

from harness.audit import look_up
from harness.errors import ProblemError
from harness.models import Problem, Sizes, Tier
from harness.models.audit import Facts, TensorFacts
from harness.suite import problem_ids, select

with (Path(__file__).parent / "kernelbench.tsv").open(encoding="utf-8", newline="") as file:
    KERNELBENCH = {row["id"]: row for row in csv.DictReader(file, delimiter="\t")}

PROBLEMS = {problem.id: problem for problem in select("all")}
MAX_COLUMNS = 125


@pytest.fixture(scope="module")
def known() -> Mapping[str, Facts | ProblemError | None]:
    """Facts of levels 1 to 3 at `gpu`: from `problems/facts.json` where the digest is the file's, else found anew."""
    chosen = select("kernelbench")
    found = look_up(chosen, Tier.GPU)
    return {
        problem.id: what if isinstance(what, ProblemError) else what[1]
        for problem, what in zip(chosen, found, strict=True)
    }


def written(tensors: tuple[TensorFacts, ...]) -> str:
    return ",".join("x".join(map(str, tensor.shape)) or "scalar" for tensor in tensors)


def numbers(sizes: Sizes) -> list[int]:
    """Return every whole number among some sizes."""
    values = [item for value in sizes.values() for item in (value if isinstance(value, list) else [value])]
    return [value for value in values if type(value) is int]


def test_the_table_is_levels_1_to_3():
    assert list(KERNELBENCH) == [known for known in problem_ids() if not known.startswith("level4/")]
    assert len(KERNELBENCH) == 250


@pytest.mark.parametrize("problem_id", KERNELBENCH)
def test_shapes_and_parameters_are_kernelbenchs(problem_id: str, known: Mapping[str, Facts | ProblemError | None]):
    row, found = KERNELBENCH[problem_id], known[problem_id]
    assert isinstance(found, Facts), found
    assert PROBLEMS[problem_id].name == row["name"]
    assert written(found.inputs) == row["inputs"]
    assert written(found.outputs) == row["outputs"]
    assert found.parameters == int(row["parameters"])


@pytest.mark.parametrize("problem", [pytest.param(problem, id=found) for found, problem in PROBLEMS.items()])
def test_every_problem_has_small_sizes_and_says_how_it_differs(problem: Problem):
    assert set(problem.tiers) == set(Tier)
    assert len(problem.unseen) >= 2
    # 1 is odd as well: a tile that is left over, or a dimension that is not there.
    assert any(number % 2 for sizes in problem.unseen for number in numbers(sizes)), "no odd size"
    text = ast.get_docstring(ast.parse(problem.source))
    assert text, "no docstring"
    assert text.splitlines()[-1].startswith("Differs: ")
    long = [number for number, line in enumerate(problem.source.splitlines(), 1) if len(line) > MAX_COLUMNS]
    assert not long, f"lines {long} are longer than {MAX_COLUMNS}"
