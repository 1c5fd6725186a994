"""Outputs that are no single tensor of floats: indices, booleans, tuples and dicts, each judged in full."""

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.judge import Judge
from harness.models import Cause, Status, Verdict
from tests.audit.problems import problem, source
from tests.candidates import candidate, python

Judged = Callable[..., Verdict]
LAST_OF_TIES = "return x.shape[1] - 1 - x.flip(1).argmax(1)"
"""The last place of the largest value, where torch names the first."""
SECOND = "return x.topk(2, dim=1).indices[:, 1].contiguous()"
ARGMAX = "return torch.argmax(x, dim=1)"
DICT = 'return {"sum": x.sum(1), "largest": x.amax(1)}'


def asked(judge: Judge, folder: Path, reference: str, forward: str) -> Verdict:
    """Judge a candidate's forward against that of a problem of its own."""
    return judge.evaluate(problem(folder, source(reference)), candidate(python(forward)))


def test_ties_of_an_argmax_may_be_broken_either_way(judge: Judge, tmp_path: Path) -> None:
    """Small integers, one of the variations, are full of ties."""
    verdict = asked(judge, tmp_path, ARGMAX, LAST_OF_TIES)
    assert verdict.status is Status.CORRECT, verdict.evidence
    assert "small integers" in verdict.evidence.what


def test_the_second_largest_is_wrong(judge: Judge, tmp_path: Path) -> None:
    verdict = asked(judge, tmp_path, ARGMAX, SECOND)
    assert (verdict.status, verdict.evidence.cause) == (Status.VALUE_MISMATCH, Cause.WRONG)


def test_a_dict_may_be_written_in_any_order(judge: Judge, tmp_path: Path) -> None:
    verdict = asked(judge, tmp_path, DICT, 'return {"largest": x.amax(1), "sum": x.flip(1).sum(1)}')
    assert verdict.status is Status.CORRECT, verdict.evidence


@pytest.mark.parametrize(
    ("forward", "said"),
    [
        ('return {"sum": x.sum(1), "top": x.amax(1)}', "dict with other names"),
        ("return x.amax(1), x.sum(1)", "another structure"),
        ('return {"sum": x.sum(1), "largest": x.amax(1), "least": x.amin(1)}', "another number of outputs"),
    ],
)
def test_another_dict_is_another_structure(judge: Judge, tmp_path: Path, forward: str, said: str) -> None:
    verdict = asked(judge, tmp_path, DICT, forward)
    assert verdict.status is Status.SHAPE_MISMATCH, verdict.evidence
    assert said in verdict.evidence.what


def test_swapped_values_of_a_dict_are_wrong(judge: Judge, tmp_path: Path) -> None:
    verdict = asked(judge, tmp_path, DICT, 'return {"largest": x.sum(1), "sum": x.amax(1)}')
    assert verdict.status is Status.VALUE_MISMATCH, verdict.evidence


def test_every_output_of_a_tuple_is_compared(judge: Judge, tmp_path: Path) -> None:
    reference = "return (x > 0), x.to(torch.int32), x * 2"
    right = asked(judge, tmp_path, reference, "return (x >= 0) & (x != 0), x.int(), x + x")
    assert right.status is Status.CORRECT, right.evidence
    wrong = asked(judge, tmp_path, reference, "return (x > 0), x.round().int(), x + x")
    assert wrong.status is Status.VALUE_MISMATCH
    assert (wrong.evidence.where or "").startswith("output 1")


def test_lower_precision_is_said_to_be_the_cause(judged: Judged) -> None:
    verdict = judged(python("return torch.softmax(x.bfloat16().float(), 1)"))
    assert (verdict.status, verdict.evidence.cause) == (Status.VALUE_MISMATCH, Cause.PRECISION)
    assert "bfloat16" in verdict.evidence.what
    assert verdict.upstream_v0_correct is True, "KernelBench's first rule lets it pass"


def test_a_wrong_answer_is_said_to_be_wrong(judged: Judged) -> None:
    verdict = judged(python("return torch.softmax(x, 1) * 1.5"))
    assert (verdict.status, verdict.evidence.cause) == (Status.VALUE_MISMATCH, Cause.WRONG)
    verdict = judged(python("return torch.softmax(x, 1) + 0.5"))
    assert (verdict.upstream_correct, verdict.upstream_v0_correct) == (False, False)
