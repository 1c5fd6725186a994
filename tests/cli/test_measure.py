"""`harness doctor --measure` as a command: what it prints and keeps, also when it is cut short. Readings are made up."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.audit import aa
from harness.cli import main as cli
from harness.models import AAReading, AAReport, Speedup, Status


class Idle:
    """Stands in for a judge: the readings of these tests ask nothing of it."""

    def __init__(self, *_: object) -> None: ...

    def __enter__(self) -> "Idle":
        return self

    def __exit__(self, *_: object) -> None: ...


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("harness.judge.Judge", Idle)
    monkeypatch.setenv("HARNESS_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("HARNESS_RUNS_DIR", str(tmp_path / "runs"))
    return tmp_path / "cache"


def use(monkeypatch: pytest.MonkeyPatch, stop_after: int | None = None, status: Status = Status.CORRECT) -> None:
    """Make each reading 1.00 [0.98, 1.02], and press Ctrl-C after so many."""

    def rounds(_: object, problems: list[object], repeats: int) -> Iterator[AAReading]:
        for number in range(len(problems) * repeats):
            if number == stop_after:
                raise KeyboardInterrupt
            found = Speedup(median=1.0, low=0.98, high=1.02) if status is Status.CORRECT else None
            yield AAReading(problem_id="level1/23", round=number + 1, status=status, speedup=found)

    monkeypatch.setattr("harness.audit.aa.rounds", rounds)


ASKED = ["doctor", "--measure", "--problems", "level1/23,level1/36", "--repeats", "2"]


def test_the_verdict_is_printed_and_shown_again_with_its_date(
    cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    cli.main(["doctor"])
    assert "not measured yet: harness doctor --measure" in capsys.readouterr().out
    use(monkeypatch)
    assert cli.main(ASKED) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[-1].startswith("this machine can tell 5 % differences (4 A/A readings")
    report = aa.load(cache)
    assert report is not None
    assert report.complete
    cli.main(["doctor"])
    shown = capsys.readouterr().out
    assert f"{report.line}; measured {report.measured_at[:10]}" in shown
    cli.main(["doctor", "--json"])
    assert json.loads(capsys.readouterr().out)["aa"]["can_tell_5_percent"] is True


def test_json_is_the_report(cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    use(monkeypatch)
    assert cli.main([*ASKED, "--json"]) == 0
    assert AAReport.model_validate(json.loads(capsys.readouterr().out)) == aa.load(cache)


def test_ctrl_c_shows_what_was_measured_and_keeps_nothing(
    cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    use(monkeypatch, stop_after=3)
    assert cli.main(ASKED) == 130
    out, err = capsys.readouterr()
    assert "too few readings to say" in out
    assert "interrupted after 3 of 4 readings" in err
    assert aa.load(cache) is None


def test_ctrl_c_before_the_first_reading(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    use(monkeypatch, stop_after=0)
    assert cli.main(ASKED) == 130
    assert capsys.readouterr().out == "nothing was measured\n"


def test_where_nothing_can_be_judged_the_exit_code_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    use(monkeypatch, status=Status.INFRA_ERROR)
    assert cli.main(ASKED) == 3
    assert "not judged: level1/23: infra_error" in capsys.readouterr().out


def test_a_report_of_another_machine_says_so(
    cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    use(monkeypatch)
    cli.main(ASKED)
    report = aa.load(cache)
    assert report is not None
    aa.save(report.model_copy(update={"machine": {"cpu": "another"}}), cache)
    capsys.readouterr()
    cli.main(["doctor"])
    assert "measured on another machine, " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--problems", "softmx"], "unknown"),
        (["--problems", ""], "no problem in"),
        (["--repeats", "0"], "repeats"),
    ],
)
def test_bad_input_is_one_line(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["doctor", "--measure", *arguments]) == 2
    err = capsys.readouterr().err
    assert message in err
    assert len(err.splitlines()) == 1
