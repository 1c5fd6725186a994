"""Indices are judged by what they select: ties may be broken either way, and nothing else may differ."""

from pathlib import Path

import pytest
import torch

from harness.judge.choices import choices, compare_choice
from harness.judge.reference import Reference
from harness.models import Tier
from harness.suite import workload
from tests.audit.problems import problem, source

TIED = "[torch.randint(0, 4, (rows, cols)).float()]"
"""48 values of 4 kinds: every row has ties."""


def reference(folder: Path, forward: str, inputs: str = TIED) -> Reference:
    """Return a reference whose forward is `forward`, at 32 x 48."""
    return Reference(workload(problem(folder, source(forward, inputs=inputs)), Tier.CI), weights_seed=1)


def last_of_ties(x: torch.Tensor) -> torch.Tensor:
    """Return the last place of the largest value of each row, where torch takes the first."""
    return x.shape[1] - 1 - x.flip(1).argmax(1)


def ok(made: Reference, inputs: list[torch.Tensor], output: torch.Tensor, index: int = 0) -> bool:
    found = compare_choice(made, inputs, index, output)
    assert found is not None, "the output was not recognised as a selection"
    return found.ok


@pytest.mark.parametrize(
    "forward",
    ["return torch.argmax(x, dim=1)", "return x.max(1).indices", "return torch.argmax(x, 1, keepdim=True).view(-1)"],
)
def test_another_of_equal_values_is_right(tmp_path: Path, forward: str) -> None:
    made = reference(tmp_path, forward)
    inputs = made.inputs(3)
    other = last_of_ties(inputs[0])
    assert not torch.equal(other, inputs[0].argmax(1)), "no ties: the test asks nothing"
    assert ok(made, inputs, other)
    wrong = other.clone()
    wrong[5] = inputs[0][5].argmin()
    found = compare_choice(made, inputs, 0, wrong)
    assert found is not None
    assert (found.wrong, found.first) == (1, (5,))


@pytest.mark.parametrize("index", [-1, 48, 2**40])
def test_an_index_out_of_range_is_wrong(tmp_path: Path, index: int) -> None:
    made = reference(tmp_path, "return torch.argmax(x, dim=1)")
    inputs = made.inputs(3)
    output = inputs[0].argmax(1)
    output[7] = index
    assert not ok(made, inputs, output)


def test_an_index_into_all_elements(tmp_path: Path) -> None:
    made = reference(tmp_path, "return torch.argmax(x)")
    inputs = made.inputs(3)
    last = (inputs[0].flatten() == 3).nonzero()[-1, 0]
    assert ok(made, inputs, last)
    assert not ok(made, inputs, (inputs[0].flatten() == 2).nonzero()[0, 0])


def test_a_nearly_largest_value_of_an_input_is_wrong(tmp_path: Path) -> None:
    """The operand is known exactly: no rounding excuses the second largest, however near it is."""
    made = reference(tmp_path, "return torch.argmax(x, dim=1)", "[torch.randn(rows, cols)]")
    inputs = made.inputs(3)
    top = inputs[0].argmax(1)
    near = (top + 1) % 48
    inputs[0][torch.arange(32), near] = torch.nextafter(inputs[0].amax(1), torch.tensor(-9.0))
    assert not ok(made, inputs, near)


def test_a_computed_operand_gives_the_slack_of_its_rounding(tmp_path: Path) -> None:
    made = reference(tmp_path, "return torch.argmax(torch.tanh(x) / 3, dim=1)", "[torch.randn(rows, cols)]")
    inputs = made.inputs(3)
    top = inputs[0].argmax(1)
    near = (top + 1) % 48
    inputs[0][torch.arange(32), near] = inputs[0].amax(1) * (1 - 2.0**-23)
    assert ok(made, inputs, near)
    inputs[0][torch.arange(32), near] = inputs[0].amax(1) * 0.9
    assert not ok(made, inputs, near)


def test_sorted_indices_may_swap_ties_and_repeat_nothing(tmp_path: Path) -> None:
    made = reference(tmp_path, "return torch.topk(x, 5, dim=1)")
    inputs = made.inputs(3)
    values, indices = torch.topk(inputs[0], 5, dim=1)
    row = next(r for r in range(32) if values[r, 0] == values[r, 1])
    swapped = indices.clone()
    swapped[row, :2] = indices[row, [1, 0]]
    assert ok(made, inputs, swapped, 1)
    swapped[row, 1] = swapped[row, 0]
    assert not ok(made, inputs, swapped, 1), "one place twice"


def test_a_stable_sort_promises_the_order_of_ties(tmp_path: Path) -> None:
    made = reference(tmp_path, "return torch.sort(x, dim=1, stable=True)[1]")
    assert choices(made, made.inputs(3), wide=True) == [None]


@pytest.mark.parametrize(
    "forward", ["return (x > 1).long()", "return torch.argmax(x, dim=1) + 1", "return x.long().amax(1)"]
)
def test_other_integers_are_no_selections(tmp_path: Path, forward: str) -> None:
    made = reference(tmp_path, forward)
    inputs = made.inputs(3)
    assert compare_choice(made, inputs, 0, made.evaluate32(inputs)[0]) is None  # type: ignore[index]
