"""The speedup and its interval, on times whose truth is known."""

import math

import numpy as np
import pytest

from harness.judge.timing import MIN_BLOCKS, ROUGH_WIDTH, conclusive, speedup, stop_reason
from harness.models import EvalOptions, Speedup

BLOCKS = [b for b in range(6) for _ in range(5)]
Times = tuple[list[int], list[int], list[int]]


def simulated(
    seed: int, ratio: float = 1.3, blocks: int = 6, pairs: int = 5, between: float = 0.03, within: float = 0.02
) -> Times:
    """Times of a candidate that is `ratio` times as fast; each block's processes differ by `between`, calls by `within`."""
    random = np.random.default_rng(seed)
    block = np.repeat(np.arange(blocks), pairs)
    offset = random.normal(0, between, blocks)[block]
    reference = 1e7 * np.exp(random.normal(0, within, blocks * pairs))
    candidate = 1e7 / ratio * np.exp(offset + random.normal(0, within, blocks * pairs))
    return reference.astype(int).tolist(), candidate.astype(int).tolist(), block.tolist()


@pytest.mark.parametrize("ratio", [0.1, 0.5, 1.0, 2.0, 37.0])
def test_a_steady_ratio_is_found_exactly(ratio: float) -> None:
    found = speedup([int(1e9 * ratio)] * 30, [int(1e9)] * 30, BLOCKS)
    assert found.median == pytest.approx(ratio)
    assert found.low == found.median == found.high


def test_the_ratio_is_of_pairs_not_of_medians() -> None:
    """A machine that slows down for a while slows both sides; the ratio of the pairs does not notice."""
    drift = [1 + i // 10 * 4 for i in range(30)]
    found = speedup([2_000_000 * d for d in drift], [1_000_000 * d for d in drift], BLOCKS)
    assert (found.median, found.low, found.high) == pytest.approx((2.0, 2.0, 2.0))


def test_the_interval_holds_the_median_and_widens_with_noise() -> None:
    quiet = speedup(*simulated(0, between=0.005, within=0.005))
    loud = speedup(*simulated(0, between=0.1, within=0.1))
    for found in (quiet, loud):
        assert found.low < found.median < found.high
        assert found.median / found.low == pytest.approx(found.high / found.median)
    assert math.log(loud.high / loud.low) > 4 * math.log(quiet.high / quiet.low)


def test_reading_the_same_times_twice_gives_the_same_interval() -> None:
    assert speedup(*simulated(4)) == speedup(*simulated(4))


def test_swapping_the_sides_inverts_the_speedup() -> None:
    reference, candidate, block = simulated(5)
    there, back = speedup(reference, candidate, block), speedup(candidate, reference, block)
    assert there.median * back.median == pytest.approx(1.0)
    assert there.low * back.high == pytest.approx(1.0, rel=2e-2)


@pytest.mark.parametrize(
    ("blocks", "between", "within"),
    [(4, 0.03, 0.02), (6, 0.03, 0.02), (8, 0.0, 0.05), (6, 0.05, 0.0)],
    ids=["few blocks", "typical", "calls alone differ", "processes alone differ"],
)
def test_the_interval_covers_the_truth_as_often_as_it_says(blocks: int, between: float, within: float) -> None:
    """95 % is promised. Over 300 simulations 90 % is four standard errors below it, so that a miss is no bad luck."""
    simulations, truth = 300, 1.3
    found = [speedup(*simulated(s, truth, blocks, 5, between, within)) for s in range(simulations)]
    covered = sum(f.low <= truth <= f.high for f in found)
    assert covered / simulations >= 0.90


def test_resampling_pairs_alone_would_not_cover() -> None:
    """The reason for blocks: taking 30 pairs of 6 pairs of processes for independent misses the truth."""
    simulations, truth = 100, 1.3
    covered = 0
    for seed in range(simulations):
        reference, candidate, _ = simulated(seed, truth, between=0.05)
        found = speedup(reference, candidate, [0] * len(reference))
        covered += found.low <= truth <= found.high
    assert covered / simulations < 0.85


def test_an_interval_at_ratio_one_rarely_claims_a_speedup() -> None:
    """The same code on both sides: the A/A test."""
    claims = sum(speedup(*simulated(seed, 1.0)).low > 1.0 for seed in range(300))
    assert claims / 300 <= 0.05


def test_preempted_pairs_are_left_out() -> None:
    reference, candidate = [2_000_000] * 30, [1_000_000] * 30
    preempted = [i % 3 == 0 for i in range(30)]
    slow = [50_000_000 if p else c for c, p in zip(candidate, preempted, strict=True)]
    assert speedup(reference, slow, BLOCKS, preempted).median == pytest.approx(2.0)
    assert speedup(reference, slow, BLOCKS, preempted).low == pytest.approx(2.0)
    assert speedup(reference, slow, BLOCKS).low < 1.0


def test_a_block_of_which_nothing_is_left_is_no_block() -> None:
    preempted = [b == 2 for b in BLOCKS]
    assert speedup([2_000_000] * 30, [1_000_000] * 30, BLOCKS, preempted).median == pytest.approx(2.0)


def test_a_candidate_that_sleeps_is_measured_with_its_sleep() -> None:
    """It gives the core away in every pair: leaving those out would leave nothing, or what it chose to show."""
    asleep = [i % 5 != 0 for i in range(30)]
    candidate = [50_000_000 if a else 1_000_000 for a in asleep]
    assert speedup([2_000_000] * 30, candidate, BLOCKS, asleep).median == pytest.approx(0.04)
    assert speedup([2_000_000] * 30, [50_000_000] * 30, BLOCKS, [True] * 30).median == pytest.approx(0.04)


@pytest.mark.parametrize("lists", [([], [], []), ([1], [1, 2], [0]), ([1], [1], [0, 1])])
def test_there_is_no_speedup_without_pairs(lists: Times) -> None:
    with pytest.raises(ValueError, match="needs pairs"):
        speedup(*lists)


def test_a_single_pair_has_no_width() -> None:
    found = speedup([300], [100], [0])
    assert (found.low, found.median, found.high) == pytest.approx((3.0, 3.0, 3.0))


# ---- when to stop ----

OPTIONS = EvalOptions(min_pairs=15, max_pairs=60, timing_budget_s=4.0, interval_width=0.05)


def around(median: float, width: float) -> Speedup:
    return Speedup(median=median, low=median * (1 - width / 2), high=median * (1 + width / 2))


def pairs(count: int, blocks: int = 6) -> list[int]:
    return [i * blocks // count for i in range(count)]


@pytest.mark.parametrize(
    ("median", "width", "count", "blocks", "elapsed_s", "reason"),
    [
        (1.3, 0.04, 30, 6, 1.0, "interval"),
        (1.3, 0.04, 14, 6, 1.0, None),
        (1.3, 0.04, 30, MIN_BLOCKS - 1, 1.0, None),
        (1.3, 0.04, 15, MIN_BLOCKS, 1.0, "interval"),
        (1.3, 0.14, 30, 6, 1.0, "interval"),
        (1.3, 0.16, 30, 6, 1.0, None),
        (1.0, 0.14, 30, 6, 1.0, None),
        (1.0, 0.049, 30, 6, 1.0, "interval"),
        (1.45, 0.14, 30, 6, 1.0, None),
        (1.3, 0.3, 30, 6, 4.1, "time"),
        (1.3, 0.3, 30, 6, 3.9, None),
        (1.3, 0.3, 14, 6, 100.0, None),
        (1.3, ROUGH_WIDTH + 0.1, 30, 6, 4.1, None),
        (1.3, ROUGH_WIDTH + 0.1, 30, 6, 12.1, "time"),
        (1.3, 0.3, 60, 6, 1.0, "trials"),
        (1.3, 0.01, 60, 2, 1.0, "trials"),
    ],
)
def test_sampling_ends_for_a_reason(
    median: float, width: float, count: int, blocks: int, elapsed_s: float, reason: str | None
) -> None:
    assert stop_reason(OPTIONS, around(median, width), pairs(count, blocks), elapsed_s) == reason


def test_an_interval_that_says_nothing_is_not_conclusive() -> None:
    assert conclusive(around(1.0, 0.99))
    assert not conclusive(around(1.0, 1.01))
    assert not conclusive(Speedup(median=1.0, low=0.5, high=math.inf))
