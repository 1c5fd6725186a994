"""`harness generate`: exactly what a model is asked, and what it answers."""

import json
import shutil
from pathlib import Path

import pytest

from harness.cli.main import main
from harness.errors import UsageError
from harness.languages import LANGUAGES, device_for
from harness.models import Tier
from harness.search.tokens import estimate_tokens
from harness.suite import content_root, load_problem, workload
from tests.fakes import reply_text
from tests.llm.servers import Answer, openai_reply, serve


def test_a_dry_run_prints_the_exact_prompt(capsys: pytest.CaptureFixture[str]):
    assert main(["generate", "level1/23", "--agent", "refine", "--dry-run"]) == 0
    text, marks = capsys.readouterr()
    assert main(["generate", "level1/23", "--agent", "refine", "--dry-run", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert text == "".join(message["text"] for message in data["messages"])
    assert [message["role"] for message in data["messages"]] == ["system", "user"]
    assert workload(load_problem("level1/23"), Tier.CPU).source.strip() in data["messages"][1]["text"]
    assert "--- system ---\n--- user ---" in marks
    counts = {section["name"]: section["tokens"] for section in data["sections"]}
    assert counts["task"] > 100
    for name, tokens in counts.items():
        assert (f"{name} " in marks) == (tokens > 0)
    assert f"about {sum(counts.values()):,} tokens" in marks
    # The sections and the two newlines between each of them are the whole prompt.
    whole = estimate_tokens(text)
    assert abs(whole - data["estimated_tokens"]) <= 2 * len(counts)
    assert data["exact_tokens"] is None


@pytest.mark.parametrize(("language", "word"), [("cpp", "#pragma omp"), ("cuda", "<<<"), ("triton", "@triton.jit")])
def test_every_language_has_a_prompt_here(language: str, word: str, capsys: pytest.CaptureFixture[str]):
    arguments = ["generate", "level1/23", "--dry-run", "--language", language, "--tier", "gpu"]
    assert main(arguments) == 0
    text = capsys.readouterr().out
    assert word in text
    assert "# The machine" in text
    assert ("emulated" in text) == (language != "cpp")  # this machine's own facts say nothing of a GPU
    assert main(arguments) == 0
    assert capsys.readouterr().out == text  # the same bytes every time


def test_a_language_that_runs_nowhere_is_unavailable_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    runs = tmp_path / "runs"
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    assert main(["run", "level1/23", "--language", "cuda", "--runs-dir", str(runs)]) == 2
    err = capsys.readouterr().err
    assert err == "harness: language 'cuda' is unavailable: no C++ compiler - apt-get install g++\n"
    assert not runs.exists()
    with pytest.raises(UsageError, match="did you mean 'cuda'"):
        device_for("cudda")
    assert set(LANGUAGES) >= {"cpp", "cuda", "triton"}


def test_a_recorded_reply_is_printed_as_code(capsys: pytest.CaptureFixture[str]):
    recorded = content_root() / "agents" / "recorded" / "cpp" / "level1" / "023"
    for attempt in ("1", "2"):
        assert main(["generate", "level1/23", "--attempt", attempt]) == 0
        out, err = capsys.readouterr()
        assert out in (recorded / f"{attempt}.md").read_text()
        assert "class ModelNew" in out
        assert "cost $0.0000" in err


def test_asking_a_server(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    for proxy in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(proxy, raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    replies = [Answer(body=openai_reply(reply_text("x = 1"))), Answer(body=openai_reply("I would rather not."))]
    with serve(replies) as (server, address):
        monkeypatch.setenv("OPENAI_BASE_URL", f"{address}/v1")
        asked = ["generate", "level1/23", "--model", "openai/x"]
        assert main([*asked, "--json"]) == 0
        data = json.loads(capsys.readouterr().out)
        assert data["code"] == "x = 1\n"
        assert data["usage"]["output"] == 20
        assert main(asked) == 1
        out, err = capsys.readouterr()
    assert out == ""
    assert "no complete fenced code block" in err
    # What was sent is what --dry-run prints.
    assert main([*asked, "--dry-run", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)["messages"]
    assert server.seen[0].body["instructions"] == shown[0]["text"]
    assert server.seen[0].body["input"][0]["content"] == shown[1]["text"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["level1/9999"], "unknown problem 'level1/9999'"),
        (["level1/23", "--agent", "refin"], "unknown agent 'refin' - did you mean 'refine'?"),
        (["level1/23", "--language", "cudda"], "unknown languages 'cudda' - did you mean 'cuda'?"),
        (["level1/23", "--tier", "huge"], "bad value 'huge' for --tier"),
        (["level1/23", "--attempt", "0"], "--attempt"),
        (["level1/2", "--language", "triton"], "no recorded triton reply for level1/2"),
    ],
)
def test_bad_input_is_one_line(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]):
    assert main(["generate", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert err.count("\n") == 1


def test_attempts_beyond_the_recording_are_one_line(capsys: pytest.CaptureFixture[str]):
    assert main(["generate", "level1/23", "--attempt", "99"]) == 3
    err = capsys.readouterr().err
    assert "recorded repl" in err
    assert err.count("\n") == 1


def test_a_template_of_ones_own_is_a_new_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    shutil.copytree(content_root() / "agents" / "prompts", tmp_path / "agents" / "prompts")
    (tmp_path / "agents" / "prompts" / "mine.md.jinja").write_text(
        "Problem {{ workload.problem_id }}, in {{ language }}."
    )
    agent = tmp_path / "agents" / "mine.toml"
    agent.write_text(
        'description = "d"\n[select]\npolicy = "last"\n[prompt]\nsystem = ["rules"]\nuser = ["mine", "ask"]\n'
    )
    monkeypatch.setattr("harness.suite.content_root", lambda: tmp_path)
    assert main(["generate", "level1/23", "--agent", "mine", "--dry-run"]) == 0
    assert "Problem level1/23, in cpp.\n\n# Now" in capsys.readouterr().out
