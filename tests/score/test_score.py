"""Scores, against numbers worked out by hand."""

import math

import pytest

from harness.models import Stage, Status, Verdict
from harness.score import best_verdict, confident, fast_p, geometric_mean, score
from tests.fakes import make_verdict


def correct(speed: float | None, low: float | None = None) -> Verdict:
    return make_verdict(Status.CORRECT, speed, low=low)


FIVE = [correct(2.0), correct(1.0), correct(0.5), make_verdict(Status.BUILD_ERROR), correct(1.01, low=0.9)]


@pytest.mark.parametrize(
    ("p", "share"),
    [(0, 4 / 5), (0.5, 3 / 5), (0.8, 3 / 5), (1.0, 2 / 5), (1.5, 1 / 5), (2.0, 0.0)],
)
def test_fast_p_is_strictly_above_p(p: float, share: float):
    assert fast_p(FIVE, p) == share


def test_fast_0_counts_what_is_correct_and_was_not_timed():
    assert fast_p([correct(None), make_verdict(Status.INCONCLUSIVE)], 0) == 1 / 2
    assert fast_p([correct(None)], 0.5) == 0


def test_a_score_of_nothing_is_not_zero():
    with pytest.raises(ValueError, match="at least one"):
        fast_p([])


def test_confident_needs_the_whole_interval():
    assert confident(FIVE, 1.0) == 1  # 2.0 with an interval from 1.9; 1.01 reaches down to 0.9
    assert confident(FIVE, 0.0) == 4


def test_geometric_mean():
    assert geometric_mean([2.0, 0.5]) == pytest.approx(1.0)
    assert geometric_mean([1.0, 10.0, 100.0]) == pytest.approx(10.0)
    # The product overflows a double; its logarithm does not.
    assert geometric_mean([1e300] * 5) == pytest.approx(1e300, rel=1e-12)
    assert geometric_mean([]) is None
    for bad in (0.0, -1.0, math.inf, math.nan):
        with pytest.raises(ValueError, match="positive"):
            geometric_mean([1.0, bad])


def test_infra_errors_are_no_tasks():
    result = score([*FIVE, make_verdict(Status.INFRA_ERROR)])
    assert (result.tasks, result.infra_errors, result.correct) == (5, 1, 4)
    assert result.fast_p[1.0] == 2 / 5
    assert result.statuses == {"correct": 4, "build_error": 1, "infra_error": 1}
    # (2 * 1 * 0.5 * 1.01) ** (1/4)
    assert result.geomean_speedup == pytest.approx(1.01**0.25)


def test_a_run_that_could_not_be_judged_has_no_score():
    result = score([make_verdict(Status.INFRA_ERROR)])
    assert (result.tasks, result.fast_p, result.geomean_speedup) == (0, {}, None)


@pytest.mark.parametrize(
    ("verdicts", "chosen"),
    [
        ([], None),
        ([correct(1.5), correct(2.0), make_verdict(Status.VALUE_MISMATCH)], 1),
        ([correct(1.5, low=1.4), correct(1.5, low=1.3)], 0),
        ([correct(None), correct(0.1)], 1),
        ([make_verdict(Status.INCONCLUSIVE), make_verdict(Status.TIMEOUT, stage=Stage.TIMING)], 0),
        ([make_verdict(Status.TIMEOUT, stage=Stage.TIMING), make_verdict(Status.BUILD_ERROR)], 0),
        ([make_verdict(Status.BUILD_ERROR), make_verdict(Status.BUILD_ERROR, problem="x")], 1),
        ([make_verdict(Status.BUILD_ERROR), make_verdict(Status.INFRA_ERROR, stage=Stage.TIMING)], 0),
    ],
)
def test_the_verdict_that_counts(verdicts: list[Verdict], chosen: int | None):
    assert best_verdict(verdicts) is (None if chosen is None else verdicts[chosen])
