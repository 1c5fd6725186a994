"""`harness baseline` and `harness report --baseline` as commands. Measuring itself is tested where it is done."""

import json
from pathlib import Path

import pytest

from harness.cli.main import main
from harness.config import Settings
from harness.judge.baselines import conditions_here
from harness.models import Baseline, Speedup, Tier
from harness.store.baselines import BaselineStore
from harness.suite import load_problem, workload
from tests.fakes import FakeJudge
from tests.runs.support import make_content
from tests.score.test_baselines import TWICE, baseline


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BaselineStore:
    """An empty folder of baselines, which the commands use."""
    monkeypatch.setenv("HARNESS_BASELINES_DIR", str(tmp_path / "baselines"))
    return BaselineStore(tmp_path / "baselines")


def held_here(**forms: object) -> Baseline:
    """A baseline of softmax at tier ci, which holds on this machine."""
    work = workload(load_problem("level1/23"), Tier.CI)
    options = Settings.load(tier="ci").eval_options()
    return baseline(**forms).model_copy(update={"conditions": conditions_here(work, options)})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["softmx"], "unknown problem 'softmx'"),
        (["level1/23", "--modes", "compil"], "unknown mode 'compil' - did you mean 'compile'?"),
        (["level1/23", "--modes", ","], "--modes names none (known: eager, compile, max-autotune)"),
        (["level1/23", "--tier", "big"], "bad value 'big' for --tier"),
        (["level1/23", "--threads", "0"], "bad value 0 for --threads"),
        (["upstream.py", "--tier", "ci"], "upstream has no tier 'ci' (it has: gpu)"),
    ],
)
def test_bad_input_is_one_line(
    store: BaselineStore,
    arguments: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    monkeypatch.chdir(tmp_path)
    Path("upstream.py").write_text("class Model: ...\ndef get_inputs(): ...\ndef get_init_inputs(): ...\n")
    assert main(["baseline", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert len(err.splitlines()) == 1


def test_the_plan_measures_what_is_missing_with_all_that_it_is_compared_with(
    store: BaselineStore, capsys: pytest.CaptureFixture[str]
):
    store.write(held_here(eager=TWICE, compile=TWICE))
    plans = {
        ("--modes", "compile"): [],
        ("--modes", "max-autotune"): ["eager", "compile", "max-autotune"],
        ("--modes", "compile", "--force"): ["eager", "compile"],
        ("--modes", "compile", "--threads", "2"): ["compile"],
    }
    for flags, wanted in plans.items():
        assert main(["baseline", "level1/23", "--tier", "ci", "--dry-run", "--json", *flags]) == 0
        out, err = capsys.readouterr()
        assert json.loads(out)[0]["measure"] == ",".join(wanted)
        assert ("threads 1 -> 2" in err) == ("--threads" in flags)


def test_what_is_held_is_shown_and_not_measured(store: BaselineStore, capsys: pytest.CaptureFixture[str]):
    store.write(held_here(compile=TWICE))
    assert main(["baseline", "level1/23", "--tier", "ci", "--modes", "compile"]) == 0
    out = capsys.readouterr().out
    assert "2.00 [1.67, 2.40]" in out
    assert "2026-01-01T00:00Z" in out
    assert main(["baseline", "level1/23", "--tier", "ci", "--modes", "compile", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["forms"]["compile"]["speedup"]["median"] == 2.0


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run by a fake judge, to report on."""
    root = make_content(tmp_path / "content")
    monkeypatch.setattr("harness.runs.preparation.content_root", lambda: root)
    monkeypatch.setattr("harness.runs.LocalExecutor", lambda *_: FakeJudge())
    monkeypatch.setenv("HARNESS_RUNS_DIR", str(tmp_path / "runs"))
    assert main(["run", "level1/23"]) == 0


def test_a_report_over_a_baseline_that_is_missing_says_how_to_measure_it(
    store: BaselineStore, run: None, capsys: pytest.CaptureFixture[str]
):
    capsys.readouterr()
    assert main(["report", "--baseline", "compile"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "harness baseline level1/23 --tier cpu" in err
    assert main(["report", "--baseline", "compil"]) == 2
    assert "did you mean 'compile'" in capsys.readouterr().err


def test_a_report_over_a_baseline_derives_speedups_and_scores(
    store: BaselineStore, run: None, capsys: pytest.CaptureFixture[str]
):
    from harness.report import summarise
    from harness.score import conditions_of
    from harness.store import RunFolder

    capsys.readouterr()
    best = summarise(RunFolder.find("latest", Settings.load().runs_dir)).rows[0].best
    assert best is not None
    assert best.verdict.speedup is not None
    wanted = conditions_of(best.verdict)
    assert wanted is not None
    store.write(
        baseline(compile=TWICE.model_copy(update={"speedup": Speedup(median=2.0, low=1.9, high=2.1)})).model_copy(
            update={"conditions": wanted}
        )
    )
    assert main(["report", "--json"]) == 0
    eager = json.loads(capsys.readouterr().out)
    assert main(["report", "--json", "--baseline", "compile"]) == 0
    derived = json.loads(capsys.readouterr().out)
    ratio = derived["tasks"][0]["speedup"]["median"] / eager["tasks"][0]["speedup"]["median"]
    assert ratio == pytest.approx(0.5)
    assert derived["baselines"] == ["compile (derived)"]
    # 1.6 times as fast as eager, and torch.compile twice: no longer faster than the baseline.
    assert (eager["score"]["fast_p"]["1"], derived["score"]["fast_p"]["1"]) == (1.0, 0.0)
    assert main(["report", "--baseline", "compile"]) == 0
    assert "against compile (derived) PyTorch" in capsys.readouterr().out
