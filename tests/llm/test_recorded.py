"""Recorded replies, and the table of providers."""

import asyncio
from pathlib import Path

import pytest

from harness.errors import AgentError, UsageError
from harness.llm import NoMoreReplies, Request, make_provider


@pytest.fixture
def content(tmp_path: Path) -> Path:
    folder = tmp_path / "agents" / "recorded" / "cpp" / "level1" / "023"
    folder.mkdir(parents=True)
    for number, text in ((1, "first"), (2, "zwölf Äpfel")):
        (folder / f"{number}.md").write_text(text, encoding="utf-8")
    return tmp_path


def request(attempt: int, problem: str = "level1/23") -> Request:
    return Request(system="", messages=(), problem_id=problem, language="cpp", attempt=attempt)


def test_replies_come_in_order_and_none_twice(content: Path):
    provider = make_provider("recorded/quickstart", content)
    provider.check(["level1/23"], "cpp")
    assert [asyncio.run(provider.complete(request(n))).text for n in (1, 2)] == ["first", "zwölf Äpfel"]
    assert asyncio.run(provider.complete(request(1))).cost_usd == 0
    with pytest.raises(NoMoreReplies, match="all 2 recorded replies are used"):
        asyncio.run(provider.complete(request(3)))


def test_a_problem_without_recording_is_found_before_the_run(content: Path):
    provider = make_provider("recorded/quickstart", content)
    with pytest.raises(
        AgentError, match=r"no recorded cpp reply for level1/24, mine - ask a model with --model openai"
    ):
        provider.check(["level1/23", "level1/24", "mine"], "cpp")
    with pytest.raises(AgentError, match=r"no recorded cuda reply .* recorded languages: cpp"):
        provider.check(["level1/23"], "cuda")


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
