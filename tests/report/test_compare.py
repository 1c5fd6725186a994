"""The comparison: paired by problem, intervals that hold, curves that never fall, and one line where runs do not match."""

import io
import itertools
import json
import math
import random
from pathlib import Path

import pytest
from rich.console import Console

from harness.cli.main import main
from harness.errors import UsageError
from harness.models import EventType, Lock, Speedup, Status, Tier
from harness.report.compare import compare
from harness.report.comparison import PLOT_ROWS, plot, show_comparison
from harness.report.curves import ACCOUNTS, reached, track
from harness.score import ratio
from harness.store import RunFolder, read_events, write_lock
from tests.fakes import make_verdict
from tests.report.test_report import write_run

FAILED = make_verdict(Status.BUILD_ERROR)


@pytest.fixture
def runs(tmp_path: Path) -> list[RunFolder]:
    """Two runs of the same three problems: the second one needs more attempts and gets further."""
    first = {
        "level1/23": [make_verdict(speed=1.0)],
        "level1/36": [make_verdict(speed=2.0), make_verdict(speed=1.0)],
        "level2/86": [FAILED],
    }
    second = {
        "level1/23": [FAILED, make_verdict(speed=0.5), make_verdict(speed=2.0)],
        "level1/36": [make_verdict(speed=2.0)],
        "level2/86": [FAILED, make_verdict(speed=1.5)],
    }
    return [write_run(tmp_path, first, agent="one_shot"), write_run(tmp_path, second, agent="refine")]


def test_tasks_are_paired_and_ratios_have_intervals(runs: list[RunFolder]):
    found = compare(runs, whole=True)
    assert [pair.task for pair in found.pairs] == ["level1/23", "level1/36", "level2/86"]
    softmax, norm, gelu = found.pairs
    assert [cell.status for cell in gelu.cells] == ["build_error", "correct"]
    assert gelu.ratios == (None, None)
    assert softmax.ratios[1] is not None
    assert softmax.ratios[1].median == pytest.approx(2.0)
    assert 1.8 < softmax.ratios[1].low < 1.9 < 2.1 < softmax.ratios[1].high < 2.2
    assert norm.ratios[1] is not None
    assert norm.ratios[1].low < 1 < norm.ratios[1].high
    _, other = found.contenders
    assert other.geomean_ratio == pytest.approx(math.sqrt(2.0))  # of 2 and 1
    assert (other.wins, other.losses) == (2, 0)  # faster on softmax, and the only one to solve gelu
    assert other.correct == 3


def test_unequal_budgets_are_compared_where_every_run_has_been(runs: list[RunFolder]):
    found = compare(runs)
    assert [contender.budget for contender in found.contenders] == [2, 3]
    assert (found.equal_budget, found.budgets_are_equal) == (2, False)
    softmax, norm, gelu = found.pairs
    # The second run's 2.0 at softmax came with its third call, after the budget.
    assert softmax.ratios[1] is not None
    assert softmax.ratios[1].median == pytest.approx(0.5)
    assert softmax.ends[1].speedup is not None
    assert softmax.ends[1].speedup.median == 2.0
    assert [cell.spent for cell in softmax.cells] == [1, 2]
    assert (gelu.outcome(1), norm.outcome(1), softmax.outcome(1)) == (1, 0, -1)
    assert (found.contenders[1].wins, found.contenders[1].losses) == (1, 1)
    text = text_of(runs)
    assert "unequal budgets, calls per task: A 2, B 3; the tables stand at 2 calls per task" in text
    assert "only B right" in text
    assert "equal budgets: 2 calls per task" in text_of([runs[0], runs[0]])


@pytest.mark.parametrize(
    ("account", "budgets"),
    [("evals", [2, 3]), ("tokens", [2_200, 3_300]), ("output_tokens", [200, 300]), ("cost_usd", [1.0, 1.5])],
)
def test_budgets_are_counted_on_an_account(runs: list[RunFolder], account: str, budgets: list[float]):
    found = compare(runs, account)
    assert [contender.budget for contender in found.contenders] == pytest.approx(budgets)
    assert found.equal_budget == pytest.approx(budgets[0])
    # Each of them pays the same for every attempt here, so that all of them cut at the second one.
    assert found.pairs[0].ratios[1] is not None
    assert found.pairs[0].ratios[1].median == pytest.approx(0.5)


def test_a_kernel_is_paid_for_when_its_last_reply_is_there(runs: list[RunFolder]):
    """Kernels of one round are asked for together and judged afterwards: none waits for the calls of the others."""
    events = [event for event in read_events(runs[1].events) if event.task == "level1/23#0"]
    asked, judged = (
        [e for e in events if e.type is kind] for kind in (EventType.REPLY_RECEIVED, EventType.NODE_COMMITTED)
    )
    for together in (events, [*asked, *judged]):
        steps = track(together, ACCOUNTS["llm_calls"])
        assert [step.calls for step in steps] == [1, 2, 3]
        assert [step.best.correct if step.best else None for step in steps] == [False, True, True]
    by_evaluation = track([*asked, *judged], ACCOUNTS["evals"])
    assert [(step.spent, step.calls) for step in by_evaluation] == [(1, 3), (2, 3), (3, 3)]
    assert reached(by_evaluation, 0.5).best is None


def test_the_interval_of_a_ratio_holds_what_it_says():
    """95 % of intervals made from two measurements of known spread hold the true ratio."""
    generator = random.Random(1)
    sigma, z, true_ratio = 0.05, 1.959964, 1.3

    def measured(true: float, spread: float) -> Speedup:
        seen = math.exp(generator.gauss(math.log(true), spread))
        return Speedup(median=seen, low=seen * math.exp(-z * spread), high=seen * math.exp(z * spread))

    held = 0
    for _ in range(4000):
        found = ratio(measured(2.0 * true_ratio, sigma), measured(2.0, 3 * sigma))
        held += found.low <= true_ratio <= found.high
    # Binomial with p = .95 and n = 4000 has a deviation of .0034: four of them to either side.
    assert abs(held / 4000 - 0.95) < 0.014


def test_a_ratio_with_itself_is_one():
    speed = Speedup(median=1.5, low=1.4, high=1.7)
    found = ratio(speed, speed)
    assert found.median == 1
    assert found.low * found.high == pytest.approx(1)


def test_curves_never_fall_and_are_complete(runs: list[RunFolder]):
    for contender in compare(runs).contenders:
        curve = contender.curve
        for earlier, later in itertools.pairwise(curve):
            assert earlier.best_so_far <= later.best_so_far
            assert earlier.correct <= later.correct
            assert earlier.calls < later.calls
            assert (earlier.cost_usd or 0) < (later.cost_usd or 0)
        replies = sum(len(row.statuses) for row in contender.report.rows)
        assert curve[-1].calls == replies
        assert curve[-1].cost_usd == contender.report.cost_usd == 0.5 * replies


def test_points_of_a_curve(runs: list[RunFolder]):
    found = compare(runs)
    assert found.equal_budget == 2
    first, second = (contender.curve for contender in found.contenders)
    # First: 1.0, 2.0 and nothing after one call each; its second call of level1/36 is no better.
    assert [point.best_so_far for point in first] == [pytest.approx(1.0), pytest.approx(1.0)]
    assert [point.calls for point in first] == [3, 4]
    # Second: 0, 2.0, 0; then 0.5, 2.0, 1.5; then 2.0, 2.0, 1.5.
    assert [point.best_so_far for point in second] == [pytest.approx(x / 3) for x in (2.0, 4.0, 5.5)]
    assert [point.correct for point in second] == [pytest.approx(1 / 3), 1, 1]
    assert [point.fast_1 for point in second] == [pytest.approx(x / 3) for x in (1, 2, 3)]


def text_of(runs: list[RunFolder], width: int = 160) -> str:
    file = io.StringIO()
    show_comparison(compare(runs), Console(file=file, width=width))
    return file.getvalue()


def test_the_terminal_shows_table_curve_and_plot(runs: list[RunFolder]):
    text = text_of(runs)
    for part in ("A: one_shot", "B: refine", "B / A", "0.50 [0.4", "$2.00", "Best so far", "calls per task"):
        assert part in text
    for folder in runs:
        assert str(folder.path) in text


def test_the_plot_has_a_letter_per_run_and_rises(runs: list[RunFolder]):
    lines = plot(compare(runs).contenders, ACCOUNTS["llm_calls"])
    assert len(lines) == PLOT_ROWS + 2
    assert lines[0].startswith("   1.83 |")
    assert lines[0].endswith("B")
    tops = {letter: [i for i, line in enumerate(lines[:PLOT_ROWS]) if letter in line] for letter in "AB"}
    assert min(tops["B"]) < min(tops["A"])
    assert plot([], ACCOUNTS["llm_calls"]) == []


def test_a_run_that_has_not_begun_can_be_compared(tmp_path: Path, runs: list[RunFolder]):
    empty = write_run(tmp_path, {key: [] for key in ("level1/23", "level1/36", "level2/86")}, unfinished=3)
    found = compare([runs[0], empty])
    assert found.contenders[1].curve == ()
    assert found.pairs[0].cells[1].status is None
    assert "none yet" in text_of([runs[0], empty])


@pytest.mark.parametrize(
    ("tasks", "config", "said"),
    [
        (["level1/40", "level1/50"], {}, "have no problem in common"),
        (["level1/23", "level1/36", "level2/86"], {"tier": Tier.CI}, "not on the same tier (cpu and ci)"),
        (["level1/23", "level1/36", "level2/86"], {"samples": 2}, "as many samples per problem (1 and 2)"),
        (["level1/23", "level1/36", "level2/86"], {"threads": 2}, "as many threads (1 and 2)"),
    ],
)
def test_runs_that_do_not_match(
    tmp_path: Path,
    runs: list[RunFolder],
    tasks: list[str],
    config: dict[str, object],
    said: str,
    capsys: pytest.CaptureFixture[str],
):
    other = write_run(tmp_path, {name: [make_verdict(speed=1.0)] for name in tasks}, **config)
    assert main(["compare", str(runs[0].path), str(other.path)]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert runs[0].id in err
    assert err.count("\n") == 1


def test_what_not_all_of_them_have_is_left_out_and_named(tmp_path: Path, runs: list[RunFolder]):
    other = write_run(tmp_path, {name: [make_verdict(speed=1.0)] for name in ("level1/36", "level1/40")})
    found = compare([runs[0], other])
    assert [pair.task for pair in found.pairs] == ["level1/36"]
    assert "compared on the problem that all runs have; left out: level1/23, level2/86, level1/40" in found.notes
    assert found.contenders[0].correct == 1
    assert found.contenders[0].curve[-1].calls == 2  # those of level1/36 alone


def test_a_run_that_is_not_done_is_compared_and_said_to_be_one(tmp_path: Path, runs: list[RunFolder]):
    tasks = {name: [make_verdict(speed=1.0)] for name in ("level1/23", "level1/36", "level2/86")}
    cut = write_run(tmp_path, tasks, unfinished=1)
    said = f"note: B is not finished: 1 of 3 tasks is not done (harness resume {cut.path})"
    assert said in text_of([runs[0], cut], width=60)


def test_a_kernel_that_could_not_be_timed_has_not_lost(tmp_path: Path, runs: list[RunFolder]):
    tasks = {name: [make_verdict(Status.INCONCLUSIVE)] for name in ("level1/23", "level1/36", "level2/86")}
    found = compare([runs[0], write_run(tmp_path, tasks)])
    assert [pair.outcome(1) for pair in found.pairs] == [0, 0, 1]  # the first run failed at the last one
    assert found.contenders[1].correct == 0


def test_other_texts_and_other_machines(tmp_path: Path, runs: list[RunFolder]):
    digests = dict.fromkeys(("level1/23", "level1/36", "level2/86"), "1" * 64)
    lock = Lock(
        harness_version="1", problems=digests, agent_sha256="a", prompts_sha256="p", environment={"device cpu": "One"}
    )
    write_lock(runs[0].lock, lock)
    write_lock(runs[1].lock, lock.model_copy(update={"environment": {"device cpu": "Other", "device cores": "8"}}))
    assert "judged on different machines (One and Other, 8 cores): ratios mix two machines" in compare(runs).notes
    write_lock(runs[1].lock, lock.model_copy(update={"problems": digests | {"level1/36": "2" * 64}}))
    with pytest.raises(UsageError, match="not asked the same level1/36: its text has changed"):
        compare(runs)


def test_accounts_that_nothing_is_known_of(tmp_path: Path, runs: list[RunFolder], capsys: pytest.CaptureFixture[str]):
    names = [str(folder.path) for folder in runs]
    for arguments, said in (
        (["--account", "cals"], "unknown account 'cals'"),
        (["--account", "eval"], "unknown account 'eval' - did you mean 'evals'?"),
        (["--account", "device_s"], "spent nothing on the account device_s: compare by --account llm_calls"),
    ):
        assert main(["compare", *names, *arguments]) == 2
        err = capsys.readouterr().err
        assert said in err
        assert err.count("\n") == 1


def test_a_narrow_terminal_keeps_intervals_whole(runs: list[RunFolder]):
    wide, narrow = text_of([*runs, runs[0]], width=160), text_of([*runs, runs[0]], width=100)
    assert "1.00 [0.95, 1.05]" in wide
    assert "[0.95, 1.05]" in narrow
    assert "1.00 [0.95" not in narrow
    assert max(len(line) for line in narrow.splitlines() if line.startswith(("┃", "│"))) <= 100


def test_one_run_is_no_comparison(runs: list[RunFolder], capsys: pytest.CaptureFixture[str]):
    with pytest.raises(UsageError, match="at least two runs"):
        compare(runs[:1])
    assert main(["compare", str(runs[0].path)]) == 2
    assert main(["compare", str(runs[0].path), "20200101-0000"]) == 2
    assert "unknown run '20200101-0000'" in capsys.readouterr().err


def test_compare_as_a_command(runs: list[RunFolder], capsys: pytest.CaptureFixture[str]):
    names = [str(folder.path) for folder in runs]
    assert main(["compare", *names]) == 0
    out, err = capsys.readouterr()
    assert "2 runs on 3 tasks, paired, tier cpu; A is the yardstick" in out
    assert err == ""
    assert main(["compare", *names, "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert [run["label"] for run in data["runs"]] == ["A", "B"]
    assert data["runs"][1]["curve"][0] == {
        "budget": 1,
        "calls": 3,
        "cost_usd": 1.5,
        "correct": pytest.approx(1 / 3),
        "fast_1": pytest.approx(1 / 3),
        "best_so_far": pytest.approx(2 / 3),
    }
    assert data["problems"][0]["runs"][1]["ratio"]["median"] == pytest.approx(0.5)
    assert data["problems"][0]["runs"][1]["end"]["speedup"]["median"] == pytest.approx(2.0)
    assert (data["account"], data["equal_budget"], data["budgets_are_equal"]) == ("llm_calls", 2, False)
    assert main(["compare", *names, "--json", "--whole"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["compared_at"] == "end"
    assert data["problems"][0]["runs"][1]["ratio"]["median"] == pytest.approx(2.0)


def test_three_runs_are_measured_by_the_first(runs: list[RunFolder], capsys: pytest.CaptureFixture[str]):
    names = [str(folder.path) for folder in (*runs, runs[0])]
    assert main(["compare", *names]) == 0
    out = capsys.readouterr().out
    assert "B / A" in out
    assert "C / A" in out
