"""`run`, `resume`, `report` and `agents` as commands: what they print where, and their exit codes."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cli.main import main
from harness.errors import ToolchainError
from harness.llm import about_replies
from harness.models import Candidate, Problem, Verdict
from harness.store import RunFolder
from tests.fakes import FakeJudge, reply_text
from tests.llm.servers import Answer, openai_reply, serve
from tests.runs.support import make_content


@pytest.fixture
def runs_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Content with recordings for a fake judge, and a folder for runs."""
    root = make_content(tmp_path / "content")
    monkeypatch.setattr("harness.runs.preparation.content_root", lambda: root)
    use(monkeypatch, FakeJudge)
    monkeypatch.setenv("HARNESS_RUNS_DIR", str(tmp_path / "runs"))
    return tmp_path / "runs"


def use(monkeypatch: pytest.MonkeyPatch, judge: Callable[[], FakeJudge]) -> None:
    monkeypatch.setattr("harness.runs.LocalExecutor", lambda *_: judge())


def test_run_prints_a_table_and_where_it_is(runs_dir: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["run", "level1/23,level1/36"]) == 0
    out, err = capsys.readouterr()
    folder = RunFolder.find("latest", runs_dir)
    assert "1.60 [1.52, 1.68]" in out
    assert str(folder.path) in out
    assert "level1/23#0  correct 1.60" in err


def test_run_json_is_one_document_on_stdout(runs_dir: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["run", "level1/23", "--json", "--samples", "2", "--workers", "2"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert [task["sample"] for task in data["tasks"]] == [0, 1]
    assert data["score"]["fast_p"]["1"] == 1.0
    assert main(["report", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == data


@pytest.mark.parametrize(("agent", "floor", "code"), [("refine", "1", 0), ("one_shot", "0.1", 1), ("one_shot", "0", 0)])
def test_fail_under(runs_dir: Path, agent: str, floor: str, code: int, capsys: pytest.CaptureFixture[str]):
    # The first reply does not build: one attempt solves nothing, three attempts solve the problem.
    assert main(["run", "level1/23", "--agent", agent, "--fail-under", floor]) == code
    assert ("below --fail-under" in capsys.readouterr().err) == (code == 1)


def test_dry_run_writes_nothing(runs_dir: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["run", "level1/23,level1/36", "--dry-run"]) == 0
    out = capsys.readouterr().out
    assert "2 tasks: level1/23#0, level1/36#0" in out
    assert "at most 8 calls" in out
    assert "cost at most: $0.00" in out
    assert main(["run", "level1/23", "--dry-run", "--json", "--model", "openai/x"]) == 0
    assert json.loads(capsys.readouterr().out)["max_cost_usd"] is None
    assert not runs_dir.exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--agent", "refin"], "unknown agent 'refin' - did you mean 'refine'? (harness agents list)"),
        (["--model", "openia/x"], "unknown provider 'openia' - did you mean 'openai'?"),
        (["--model", "gpt"], "model 'gpt' is not provider/model"),
        (["--samples", "0"], "samples"),
        (["--fail-under", "2"], "fail-under"),
    ],
)
def test_bad_input_is_one_line(runs_dir: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]):
    assert main(["run", "level1/23", *arguments]) == 2
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1
    assert not runs_dir.exists()


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ("feedbak", "agent mine: line 6: prompt.user: no template for prompt section 'feedbak' in cpp - did you mean"),
        ("history:tabel", "line 6: prompt.user: unknown history policy 'tabel' - did you mean 'table'?"),
    ],
)
def test_a_section_that_does_not_exist_is_found_before_anything_is_asked(
    tmp_path: Path, runs_dir: Path, section: str, message: str, capsys: pytest.CaptureFixture[str]
):
    path = tmp_path / "mine.toml"
    path.write_text(f'description = "d"\n[select]\npolicy = "last"\n\n[prompt]\nuser = ["task", "{section}"]\n')
    assert main(["run", "level1/23", "--agent", str(path)]) == 2
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1
    assert not runs_dir.exists()


def test_replies_that_are_nobodys_are_told_from_replays():
    written = "Replies were recorded to exercise the harness; these numbers are no model's score."
    assert about_replies("recorded/quickstart") == about_replies("recorded/strategies") == written
    assert about_replies("recorded/mine") == "Replies were given again from the recording mine."
    assert about_replies("openai/x") is None


def test_a_problem_without_recording(runs_dir: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["run", "level1/40"]) == 2
    assert "no recorded cpp reply for level1/40 - ask a model with --model" in capsys.readouterr().err
    assert not runs_dir.exists()


def test_a_missing_key_names_the_variable(
    runs_dir: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    for variable in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY"):
        monkeypatch.delenv(variable, raising=False)
    assert main(["run", "level1/23", "--model", "openai/x"]) == 3
    err = capsys.readouterr().err
    assert "set OPENAI_API_KEY" in err
    assert "--model recorded/quickstart" in err
    assert not runs_dir.exists()


def test_a_runs_dir_that_cannot_be_made(runs_dir: Path, capsys: pytest.CaptureFixture[str]):
    runs_dir.write_text("a file")
    assert main(["run", "level1/23"]) == 3
    assert f"{runs_dir}: cannot be created: File exists" in capsys.readouterr().err


def test_a_run_with_a_key_works_and_leaves_no_trace_of_it(
    runs_dir: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    for proxy in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(proxy, raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    replies = [
        Answer(body=openai_reply(reply_text(first))) for first in ("# build_error", "# correct 2", "# correct 3")
    ]
    with serve(replies) as (server, address):
        monkeypatch.setenv("OPENAI_BASE_URL", f"{address}/v1")
        assert main(["run", "level1/23", "--model", "openai/x", "--json"]) == 0
    out, err = capsys.readouterr()
    data = json.loads(out)
    # Four turns; the third and the fourth reply are the same text, which is judged once.
    assert data["tasks"][0]["statuses"] == ["build_error", "correct", "correct", "correct"]
    assert data["usage"]["output"] == 4 * 20
    assert data["cost_usd"] is None
    assert "# build_error" in server.seen[1].body["input"][0]["content"]
    written = [path.read_text() for path in runs_dir.rglob("*") if path.is_file()]
    assert len(written) > 4
    assert not any("sk-very-secret" in text for text in [out, err, *written])


class NoCompiler(FakeJudge):
    """A machine that loses its compiler after two verdicts."""

    def evaluate(
        self, problem: Problem, candidate: Candidate, progress: Callable[[str], None] | None = None
    ) -> Verdict:
        if len(self.judged) == 2:
            raise ToolchainError("no C++ compiler")
        return super().evaluate(problem, candidate, progress)


def test_a_run_that_failed_says_how_to_go_on_and_does(
    runs_dir: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    use(monkeypatch, NoCompiler)
    assert main(["run", "level1/23"]) == 3
    out, err = capsys.readouterr()
    folder = RunFolder.find("latest", runs_dir)
    assert "1 of 1 tasks are not done" in out
    assert f"go on with: harness resume {folder.path}" in err
    assert "harness: no C++ compiler" in err
    use(monkeypatch, FakeJudge)
    assert main(["resume", str(folder.path)]) == 0
    assert "1.60 [1.52, 1.68]" in capsys.readouterr().out


def test_ctrl_c_before_the_first_task(
    runs_dir: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    class Interrupted(FakeJudge):
        def __enter__(self) -> "Interrupted":
            raise KeyboardInterrupt

    use(monkeypatch, Interrupted)
    assert main(["run", "level1/23"]) == 130
    assert f"harness resume {RunFolder.find('latest', runs_dir).path}" in capsys.readouterr().err


def test_unknown_runs(runs_dir: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["report"]) == 2
    assert "no run in" in capsys.readouterr().err
    assert main(["resume", "20260101"]) == 2
    assert "unknown run '20260101'" in capsys.readouterr().err


def test_agents(capsys: pytest.CaptureFixture[str]):
    assert main(["agents", "list"]) == 0
    assert "best_of_n Four independent attempts" in " ".join(capsys.readouterr().out.split())
    assert main(["agents", "list", "--json"]) == 0
    assert {"one_shot", "refine"} <= {agent["name"] for agent in json.loads(capsys.readouterr().out)}
    assert main(["agents", "show", "best_of_n"]) == 0
    assert 'policy = "none"' in capsys.readouterr().out
    assert main(["agents", "show", "best_of_n", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["policy"], shown["select"]) == ("none", {"n": 4})
    assert main(["agents", "show", "rfine"]) == 2
