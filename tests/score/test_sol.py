"""The SOL score, against the published formula worked out by hand."""

import pytest

from harness.models import Status, Verdict
from harness.score import mean_sol_score, score, sol_score, verdict_sol_score
from tests.fakes import make_roofline, make_verdict


@pytest.mark.parametrize(
    ("candidate_ns", "baseline_ns", "sol_ns", "expected"),
    [
        (400, 400, 100, 0.5),  # as fast as the baseline
        (100, 400, 100, 1.0),  # at the bound
        (250, 400, 100, 2 / 3),  # half of the way: 1 / (1 + 150/300)
        (1000, 400, 100, 0.25),  # 1 / (1 + 900/300)
        (30_100, 400, 100, 1 / 101),
        (50, 400, 100, 1.0),  # beyond the bound: the formula says 1.2
        (1, 200, 101, 1.0),  # the formula: 1 / (1 - 100/99), which is -99
        (100, 100, 100, 1.0),  # nowhere to go, and there
        (101, 100, 100, 0.0),  # nowhere to go, and not there
        (90, 80, 100, 1.0),
        (150, 80, 100, 0.0),
    ],
)
def test_the_formula_and_its_edges(candidate_ns: float, baseline_ns: float, sol_ns: float, expected: float):
    assert sol_score(candidate_ns, baseline_ns, sol_ns) == pytest.approx(expected, rel=1e-12)


def test_the_score_falls_as_the_kernel_slows_and_stays_in_its_range():
    scores = [sol_score(time, 500, 100) for time in range(1, 5000, 7)]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < found <= 1 for found in scores)


@pytest.mark.parametrize("times", [(0, 1, 1), (1, 0, 1), (1, 1, 0), (-1, 1, 1), (float("nan"), 1, 1)])
def test_times_are_positive(times: tuple[float, float, float]):
    with pytest.raises(ValueError, match="positive"):
        sol_score(*times)


def timed(speed: float, sol_ns: int) -> Verdict:
    return make_verdict(Status.CORRECT, speed).model_copy(update={"roofline": make_roofline(speed, sol_ns)})


def test_a_wrong_kernel_scores_nothing_and_an_unknown_bound_gives_no_score():
    assert verdict_sol_score(make_verdict(Status.VALUE_MISMATCH)) == 0
    assert verdict_sol_score(make_verdict(Status.CORRECT, 2.0)) is None
    assert verdict_sol_score(timed(1.0, 500_000)) == 0.5


def test_a_bound_that_the_baseline_beats_gives_no_score():
    """Eager takes 1 ms: a bound of 1.05 ms is inexact, one of 1.2 ms is none."""
    assert verdict_sol_score(timed(1.0, 1_050_000)) == 1.0
    assert verdict_sol_score(timed(1.0, 1_200_000)) is None


def test_the_mean_is_over_tasks_with_a_bound_and_failures():
    verdicts = [timed(1.0, 500_000), timed(2.0, 1_000_000), make_verdict(Status.TIMEOUT), make_verdict(speed=3.0)]
    # At twice eager's 2 ms, the candidate's 1 ms is the bound: 1. The last one has no bound and is not counted.
    assert mean_sol_score(verdicts) == (pytest.approx((0.5 + 1.0 + 0.0) / 3), 3)
    result = score([*verdicts, make_verdict(Status.INFRA_ERROR)])
    assert (result.sol_score, result.sol_tasks) == (pytest.approx(0.5), 3)


def test_failures_alone_make_no_score():
    assert mean_sol_score([]) == (None, 0)
    assert mean_sol_score([make_verdict(Status.TIMEOUT), make_verdict(speed=3.0)]) == (None, 0)
    assert score([make_verdict(Status.TIMEOUT)]).sol_score is None
