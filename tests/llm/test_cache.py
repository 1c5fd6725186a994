"""The cache of replies: the same question is answered again for nothing, another one never by it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from harness.llm import Message, Reply, Request, StopReason, make_provider
from harness.llm.cache import CachedProvider
from harness.models import Usage
from tests.llm.servers import Answer, openai_reply, serve
from tests.llm.support import REQUEST, ask, clear, options


class Counting:
    """Answers with the number of the call."""

    def __init__(self) -> None:
        self.calls = 0

    def check(self, problem_ids: Sequence[str], language: str) -> None:
        pass

    async def complete(self, request: Request) -> Reply:
        self.calls += 1
        return Reply(
            f"answer {self.calls}", Usage(output=5), StopReason.MAX_TOKENS, 0.5, reasoning="hm", warnings=("w",)
        )

    async def aclose(self) -> None:
        pass


def cached(folder: Path, inner: Counting | None = None, model: str = "x/y", base_url: str | None = None):
    return CachedProvider(inner or Counting(), model, folder, base_url)


def test_a_hit_is_marked_and_costs_nothing(tmp_path: Path):
    (first,) = ask(cached(tmp_path), REQUEST)
    assert (first.text, first.cached, first.cost_usd, first.calls) == ("answer 1", False, 0.5, 1)
    inner = Counting()
    (again,) = ask(cached(tmp_path, inner), REQUEST)
    assert inner.calls == 0
    assert again == Reply(
        "answer 1", Usage(), StopReason.MAX_TOKENS, 0.0, reasoning="hm", calls=0, cached=True, warnings=("w",)
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"system": "be long"},
        {"messages": (Message("user", "write another"),)},
        {"messages": (Message("assistant", "write a kernel"),)},
        {"problem_id": "level1/24"},
        {"language": "cuda"},
        {"attempt": 2},
        {"sample": 1},
        {"draw": 1},
        {"role": "judge"},
        {"max_output_tokens": 778},
        {"json_schema": {"type": "object"}},
        {"effort": "low"},
        {"temperature": 0.0},
    ],
)
def test_another_question_is_another_entry(tmp_path: Path, changes: dict[str, object]):
    ask(cached(tmp_path), REQUEST)
    inner = Counting()
    ask(cached(tmp_path, inner), replace(REQUEST, **changes))
    assert inner.calls == 1


def test_another_model_or_server_is_another_entry_and_another_time_limit_is_not(tmp_path: Path):
    ask(cached(tmp_path), REQUEST)
    for changes, calls in (({"model": "x/z"}, 1), ({"base_url": "http://there"}, 1), ({}, 0)):
        inner = Counting()
        ask(cached(tmp_path, inner, **changes), replace(REQUEST, timeout_s=1))
        assert inner.calls == calls


def test_who_asks_twice_wants_two_answers_and_gets_the_same_two_again(tmp_path: Path):
    assert [reply.text for reply in ask(cached(tmp_path), REQUEST, REQUEST)] == ["answer 1", "answer 2"]
    inner = Counting()
    replies = ask(cached(tmp_path, inner), REQUEST, REQUEST, REQUEST)
    assert [reply.text for reply in replies] == ["answer 1", "answer 2", "answer 1"]
    assert [reply.cached for reply in replies] == [True, True, False]
    assert inner.calls == 1


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"format": 1}', b'{"format": 2, "text": "x"}', b"\xff"])
def test_a_damaged_entry_is_none(tmp_path: Path, damage: bytes):
    ask(cached(tmp_path), REQUEST)
    (entry,) = tmp_path.rglob("*.json")
    entry.write_bytes(damage)
    inner = Counting()
    assert not ask(cached(tmp_path, inner), REQUEST)[0].cached
    assert inner.calls == 1
    assert ask(cached(tmp_path), REQUEST)[0].cached  # it was mended


def test_a_bought_reply_is_not_lost_to_a_full_disk(tmp_path: Path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    (reply,) = ask(cached(blocked / "replies"), REQUEST)
    assert reply.text == "answer 1"
    assert "could not be kept" in reply.warnings[-1]


def test_it_is_off_unless_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    clear(monkeypatch)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-x")
    with serve([Answer(body=openai_reply())]) as (server, address):
        for folder, seen in ((None, 2), (tmp_path / "replies", 3)):
            for _ in range(2):
                made = make_provider(
                    "openai/m", tmp_path, options(tmp_path, base_url=f"{address}/v1", reply_cache=folder)
                )
                ask(made, REQUEST)
            assert len(server.seen) == seen
