"""Intervals of a fast_p: they hold the share, cover the truth, and know both the problems' and the times' chance."""

import numpy as np
import pytest

from harness.models import Speedup
from harness.score.intervals import Outcome, share_interval, wilson


def task(problem: object, speed: float | None, half: float = 0.01) -> Outcome:
    """A right kernel, with an interval of so much to either side; None: a wrong one."""
    if speed is None:
        return Outcome(str(problem), False, None)
    return Outcome(str(problem), True, Speedup(median=speed, low=speed / (1 + half), high=speed * (1 + half)))


def test_wilson_against_published_values() -> None:
    """Newcombe, Statistics in Medicine 17, 1998, table I: 81 of 263, 15 of 148, 0 of 20."""
    assert wilson(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(15 / 148, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert wilson(0.0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


@pytest.mark.parametrize("right", [0, 1, 6, 11, 12])
@pytest.mark.parametrize("confident", [False, True])
def test_the_interval_holds_the_share(right: int, confident: bool) -> None:
    found = share_interval([task(i, 2.0 if i < right else None) for i in range(12)], 1.0, confident=confident)
    assert 0 <= found.low <= right / 12 <= found.high <= 1
    assert found.high > found.low, "twelve problems that agree do not prove that the thirteenth does"


def test_more_problems_make_it_narrower() -> None:
    few, many = (share_interval([task(i, 2.0 if i % 2 else 0.5) for i in range(n)], 1.0) for n in (12, 200))
    assert many.high - many.low < 0.5 * (few.high - few.low)


def test_a_speedup_that_may_be_below_p_widens_it() -> None:
    """Forty kernels at 1.05: measured to 1 % the share is 1, measured to 20 % a third of them may be on the other side."""
    sure, unsure = (share_interval([task(i, 1.05, half) for i in range(40)], 1.0) for half in (0.01, 0.2))
    assert sure.low > 0.9
    assert unsure.low < 0.65
    assert unsure.high == pytest.approx(1.0)


def test_samples_of_one_problem_are_no_new_problems() -> None:
    alone = share_interval([task(i, 2.0 if i % 2 else None) for i in range(10)], 1.0)
    repeated = share_interval([task(i, 2.0 if i % 2 else None) for i in range(10) for _ in range(20)], 1.0)
    assert repeated.high - repeated.low > 0.9 * (alone.high - alone.low)


def test_what_was_not_timed_counts_at_zero_only() -> None:
    untimed = [Outcome(str(i), True, None) for i in range(10)]
    assert share_interval(untimed, 0.0).high == pytest.approx(1.0)
    assert share_interval(untimed, 0.0).low > 0.6
    assert share_interval(untimed, 1.0).low == 0.0


def test_an_interval_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        share_interval([], 1.0)


@pytest.mark.parametrize(("problems", "truth"), [(12, 0.5), (12, 0.9), (40, 0.3), (100, 0.7)])
def test_it_covers_the_truth_as_often_as_it_says(problems: int, truth: float) -> None:
    """A share `truth` of the problems can be beaten, times are known to 3 %. Over 200 suites 90 % is three errors below."""
    random = np.random.default_rng(1)
    covered = 0
    for _ in range(200):
        able = random.random(problems) < truth
        speeds = np.where(able, 1.3, 0.8) * np.exp(random.normal(0, 0.015, problems))
        low, high = share_interval([task(i, float(s), 0.03) for i, s in enumerate(speeds)], 1.0)
        covered += low <= truth <= high
    assert covered / 200 >= 0.90


def test_two_readers_see_the_same() -> None:
    tasks = [task(i, 1.0 + 0.01 * i, 0.05) for i in range(20)]
    assert share_interval(tasks, 1.0) == share_interval(tasks, 1.0)
