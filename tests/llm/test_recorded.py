"""Recorded replies, making a recording, and the table of providers."""

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from harness.errors import AgentError, UsageError
from harness.llm import NoMoreReplies, Recording, Reply, Request, check_new_recording, make_provider
from harness.suite import content_root, select
from tests.fakes import ScriptedProvider
from tests.llm.support import ask, options


@pytest.fixture
def content(tmp_path: Path) -> Path:
    folder = tmp_path / "agents" / "recorded" / "cpp" / "level1" / "023"
    folder.mkdir(parents=True)
    for name, text in (
        ("1", "first"),
        ("2", "zwölf Äpfel"),
        ("2.judge", "no"),
        ("2.judge.1", "yes"),
        ("2.coder.1", "or"),
    ):
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    return tmp_path


def request(attempt: int, problem: str = "level1/23", **changes: object) -> Request:
    made = Request(system="", messages=(), problem_id=problem, language="cpp", attempt=attempt)
    return replace(made, **changes)


def test_replies_come_in_order_and_none_twice(content: Path):
    provider = make_provider("recorded/quickstart", content)
    provider.check(["level1/23"], "cpp")
    assert [reply.text for reply in ask(provider, request(1), request(2))] == ["first", "zwölf Äpfel"]
    assert ask(provider, request(1))[0].cost_usd == 0
    with pytest.raises(NoMoreReplies, match="all 2 recorded replies are used"):
        ask(provider, request(3))


def test_other_steps_have_replies_of_their_own(content: Path):
    provider = make_provider("recorded/quickstart", content)
    asked = [request(2, role="judge"), request(2, role="judge", draw=1), request(2, draw=1)]
    assert [reply.text for reply in ask(provider, *asked)] == ["no", "yes", "or"]
    with pytest.raises(NoMoreReplies, match=r"no reply of the planner at attempt 1 is recorded \(1\.planner\.md\)"):
        ask(provider, request(1, role="planner"))


def test_samples_share_replies_unless_they_have_their_own(content: Path):
    provider = make_provider("recorded/quickstart", content)
    assert ask(provider, request(1, sample=1))[0].text == "first"
    own = content / "agents" / "recorded" / "cpp" / "level1" / "023" / "sample1"
    own.mkdir()
    (own / "1.md").write_text("own")
    assert ask(provider, request(1, sample=1))[0].text == "own"
    with pytest.raises(NoMoreReplies):
        ask(provider, request(2, sample=1))


def test_a_problem_without_recording_is_found_before_the_run(content: Path):
    provider = make_provider("recorded/quickstart", content)
    with pytest.raises(
        AgentError,
        match=r"no recorded cpp reply for level1/24, mine - ask a model with --model openai.*\(recorded: level1/23\)",
    ):
        provider.check(["level1/23", "level1/24", "mine"], "cpp")
    with pytest.raises(AgentError, match=r"no recorded cuda reply .* recorded languages: cpp"):
        provider.check(["level1/23"], "cuda")


def test_what_ships_answers_quickstart():
    provider = make_provider("recorded/quickstart", content_root())
    provider.check([problem.id for problem in select("quickstart")], "cpp")


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("recorded/quikstart", "did you mean 'quickstart'"),
        ("openia/x", "unknown provider 'openia' - did you mean 'openai'"),
        ("gpt", "not provider/model"),
        ("openai/", "not provider/model"),
    ],
)
def test_bad_model_strings(content: Path, model: str, message: str):
    with pytest.raises(UsageError, match=message):
        make_provider(model, content)


def test_a_recording_gives_again_what_was_said(tmp_path: Path):
    chosen = options(tmp_path)
    texts = ["plain\r\n", "no newline", "Äpfel \ud800", ""]
    recording = Recording(ScriptedProvider(texts), chosen.recording("mine"), "openai/some-model")
    asked = [
        request(1, sample=1),
        request(2, role="judge/strict"),
        request(3, problem="a/../../b", role="judge"),
        request(4, draw=2),
    ]
    said = ask(recording, *asked)
    assert [reply.text for reply in said] == texts
    assert said[0].cost_usd == 0.25
    again = make_provider("recorded/mine", tmp_path, chosen)
    assert [reply.text for reply in ask(again, *asked)] == ["plain\r\n", "no newline", "Äpfel ?", ""]
    about = tomllib.loads((chosen.recording("mine") / "recording.toml").read_text())
    assert about["model"] == "openai/some-model"
    files = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.md")}
    assert files == {
        "recordings/mine/cpp/level1/023/sample1/1.md",
        "recordings/mine/cpp/level1/023/2.judge_strict.md",
        "recordings/mine/cpp/a/b/3.judge.md",
        "recordings/mine/cpp/level1/023/4.coder.2.md",
    }


def test_an_attempt_that_is_made_again_replaces_the_first(tmp_path: Path):
    chosen = options(tmp_path)
    for text in ("lost with the process", "bought again"):
        ask(Recording(ScriptedProvider([text]), chosen.recording("mine"), "x/y"), request(1))
    assert ask(make_provider("recorded/mine", tmp_path, chosen), request(1)) == [Reply("bought again", cost_usd=0.0)]


@pytest.mark.parametrize("name", ["quickstart", "taken", "../up", "", "a b"])
def test_names_of_recordings(tmp_path: Path, name: str):
    chosen = options(tmp_path)
    chosen.recording("taken").mkdir(parents=True)
    with pytest.raises(UsageError, match="recording"):
        check_new_recording(name, chosen)
    check_new_recording("fresh-1", chosen)


def test_what_is_said_of_an_attempt_goes_with_it(content: Path):
    folder = content / "agents" / "recorded" / "cpp" / "level1" / "023"
    for name in ("analyst@1", "analyst@2", "3.analyst", "analyst@2.1"):
        (folder / f"{name}.md").write_text(name)
    provider = make_provider("recorded/quickstart", content)

    def of(attempt: int, parent: int, draw: int = 0) -> Request:
        return request(attempt, role="analyst", parent=parent, draw=draw)

    asked = [of(2, parent=1), of(4, parent=2), of(5, parent=2), of(3, parent=2), of(4, parent=2, draw=1)]
    said = [reply.text for reply in ask(provider, *asked)]
    assert said == ["analyst@1", "analyst@2", "analyst@2", "3.analyst", "analyst@2.1"]
    with pytest.raises(NoMoreReplies, match=r"is recorded \(4\.analyst\.md or analyst@3\.md\)"):
        ask(provider, of(4, parent=3))


def test_a_question_asked_again_has_a_reply_of_its_own(tmp_path: Path):
    chosen = options(tmp_path)
    asked = [request(1, role="judge"), request(1, role="judge", again=True)]
    for text, question in zip(["no JSON", "{}"], asked, strict=True):
        ask(Recording(ScriptedProvider([text]), chosen.recording("mine"), "x/y"), question)
    again = make_provider("recorded/mine", tmp_path, chosen)
    assert [reply.text for reply in ask(again, *asked)] == ["no JSON", "{}"]


def test_a_recording_that_ships_cannot_be_hidden_by_ones_own(tmp_path: Path):
    chosen = replace(options(tmp_path), content_root=content_root())
    assert make_provider("recorded/strategies", content_root(), chosen)
    with pytest.raises(UsageError, match="there is a recording 'strategies' already"):
        check_new_recording("strategies", chosen)
