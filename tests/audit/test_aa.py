"""The A/A test: what readings say together, worked out by hand; one reading by the real judge; the report in the cache."""

from pathlib import Path

import pytest

from harness.audit import aa
from harness.config import Settings
from harness.judge import Judge
from harness.models import AAReading, AAReport, EvalOptions, Speedup, Status, Tier
from harness.suite import load_problem


def reading(median: float | None, low: float = 0.0, high: float = 0.0, number: int = 1) -> AAReading:
    """A reading; None: the machine was too noisy."""
    found = None if median is None else Speedup(median=median, low=low, high=high)
    status = Status.CORRECT if found else Status.INCONCLUSIVE
    return AAReading(problem_id="level1/23", round=number, status=status, speedup=found)


GOOD = [reading(1 + d, 1 + d - 0.02, 1 + d + 0.02) for d in (-0.01, -0.005, 0.0, 0.005, 0.01, 0.0)]


def test_a_quiet_machine_tells_five_per_cent() -> None:
    found = aa.summarise(GOOD)
    assert found is not None
    assert (found.readings, found.unanswered, found.coverage) == (6, 0, 1.0)
    assert found.bias == pytest.approx(0.0)
    assert found.spread == pytest.approx(0.0071, abs=1e-4)  # five deviations from 1: sqrt(2.5e-4 / 5)
    assert found.resolution == pytest.approx(0.03)  # the fifth of the six: 1.01 with 1.03 as its upper end
    assert (found.false_faster, found.false_faster_5) == (0.0, 0.0)
    assert aa.tells(found)
    assert aa.in_words(found).startswith("this machine can tell 5 % differences (6 A/A readings, bias +0.0 %, ")


def test_wide_intervals_tell_nothing_small() -> None:
    found = aa.summarise([reading(1.0, 0.9, 1.11)] * 10)
    assert found is not None
    assert found.resolution == pytest.approx(1 / 0.9 - 1)
    assert not aa.tells(found)
    assert aa.tells(found, 0.2)
    assert "cannot tell 5 % differences now, those of 11 % at best" in aa.in_words(found)


def test_narrow_intervals_beside_the_truth_are_not_believed() -> None:
    found = aa.summarise([*GOOD[:4], *[reading(1.02, 1.01, 1.03)] * 4])
    assert found is not None
    assert (found.coverage, found.false_faster, found.false_faster_5) == (0.5, 0.5, 0.0)
    assert aa.misses(found)
    assert not aa.tells(found)
    assert "too many of its intervals miss the truth" in aa.in_words(found)


def test_one_interval_in_twenty_may_miss() -> None:
    found = aa.summarise([*GOOD * 3, reading(1.02, 1.001, 1.03), reading(0.99, 0.98, 0.999)])
    assert found is not None
    assert found.coverage == 0.9
    assert aa.tells(found)  # two or more of twenty miss in a quarter of the tests of a good machine


def test_what_gave_no_answer_counts_against_the_machine() -> None:
    found = aa.summarise([*GOOD, reading(None), reading(None)])
    assert found is not None
    assert (found.readings, found.unanswered, found.resolution) == (8, 2, None)
    assert not aa.tells(found)
    assert "none reliably" in aa.in_words(found)
    silent = aa.summarise([reading(None)] * 4)
    assert not aa.tells(silent)
    assert "cannot time at all" in aa.in_words(silent)


def test_a_false_speedup_is_counted_by_its_size() -> None:
    found = aa.summarise([*GOOD, reading(1.02, 1.01, 1.03), reading(1.2, 1.1, 1.3), reading(1.2, 0.9, 1.5)])
    assert found is not None
    assert (found.false_faster, found.false_faster_5) == (2 / 9, 1 / 9)


def test_too_few_readings_say_nothing() -> None:
    assert aa.summarise([]) is None
    assert not aa.tells(None)
    assert not aa.tells(aa.summarise(GOOD[:3]))
    assert "too few readings" in aa.in_words(aa.summarise(GOOD[:3]))


def test_the_judge_reads_a_reference_against_itself() -> None:
    problem = load_problem("level1/23")
    options = EvalOptions(tier=Tier.CI, min_pairs=3, max_pairs=5)
    with Judge(options, Settings.load().cache_dir) as judge:
        first, second = aa.rounds(judge, [problem], 2)
    assert aa.failures([first, second]) == []
    assert (first.round, second.round, first.problem_id) == (1, 2, "level1/23")
    assert first.pairs == 5
    assert first.reference_ns > 0
    assert first.warm_ratio is not None
    assert first.before is not None


def test_a_report_is_kept_and_found_again(tmp_path: Path) -> None:
    assert aa.load(tmp_path) is None
    summary = aa.summarise(GOOD)
    report = AAReport(
        measured_at="2026-01-02T03:04:05+00:00", complete=True, tier=Tier.CPU, threads=1, readings=GOOD,
        summary=summary, can_tell_5_percent=aa.tells(summary), line=aa.in_words(summary),
    )  # fmt: skip
    aa.save(report, tmp_path / "new")
    assert aa.load(tmp_path / "new") == report
    assert [path.name for path in (tmp_path / "new").iterdir()] == [aa.FILE]
    (tmp_path / "new" / aa.FILE).write_text("{}")
    assert aa.load(tmp_path / "new") is None
