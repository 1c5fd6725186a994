"""Both vendors' providers against a real server that speaks their wire format."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from harness.errors import ProviderError
from harness.llm import Message, Provider, Reply, Request, StopReason, make_provider
from harness.llm.anthropic import AnthropicProvider
from harness.llm.openai import OpenAIProvider
from harness.llm.retry import RetryPolicy
from harness.models import Usage
from tests.llm.servers import Answer, anthropic_reply, openai_reply, serve

SECRET = "sk-secret-0123456789"
REQUEST = Request(
    system="be brief",
    messages=(Message("user", "write a kernel"),),
    problem_id="level1/23",
    language="cpp",
    attempt=1,
    max_output_tokens=777,
    timeout_s=30,
)


@dataclass
class Vendor:
    """What differs between the two."""

    name: str
    make: Callable[..., Provider]
    key: str
    base_url: str
    prefix: str
    path: str
    reply: Callable[..., dict[str, Any]]
    waited_s: list[float] = field(default_factory=list)

    def error(self, message: str, code: str | None = None) -> dict[str, Any]:
        return {"type": "error", "error": {"type": "some_error", "message": message, "code": code}}

    def ask(self, monkeypatch: pytest.MonkeyPatch, address: str, request: Request = REQUEST, tries: int = 3) -> Reply:
        monkeypatch.setenv(self.key, SECRET)
        monkeypatch.setenv(self.base_url, address + self.prefix)

        async def note(seconds: float) -> None:
            self.waited_s.append(seconds)

        async def call() -> Reply:
            retry = RetryPolicy(tries=tries, sleep=note, uniform=lambda low, high: high)
            provider = self.make("some-model", retry=retry)
            try:
                return await provider.complete(request)
            finally:
                await provider.aclose()

        return asyncio.run(call())


@pytest.fixture(params=["openai", "anthropic"])
def vendor(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Vendor]:
    for variable in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(variable, raising=False)
        monkeypatch.delenv(variable.upper(), raising=False)
    for variable in ("OPENAI_ADMIN_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_PROFILE"):
        monkeypatch.delenv(variable, raising=False)
    if request.param == "openai":
        key, url = "OPENAI_API_KEY", "OPENAI_BASE_URL"
        yield Vendor("openai", OpenAIProvider, key, url, "/v1", "/v1/responses", openai_reply)
    else:
        key, url = "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"
        yield Vendor("anthropic", AnthropicProvider, key, url, "", "/v1/messages", anthropic_reply)


def test_success(vendor: Vendor, monkeypatch: pytest.MonkeyPatch):
    with serve([Answer(body=vendor.reply("a kernel"))]) as (server, address):
        reply = vendor.ask(monkeypatch, address)
    # 100 prompt tokens on either wire: 30 read from a cache, 10 written to it. Reasoning is part of the output.
    tokens = Usage(input_uncached=60, input_cached=30, input_cache_write=10, output=20, reasoning=5)
    assert reply == Reply("a kernel", tokens, StopReason.END, cost_usd=None)
    (seen,) = server.seen
    assert seen.path == vendor.path
    assert seen.headers["authorization"] == f"Bearer {SECRET}"
    assert seen.body["model"] == "some-model"
    assert "temperature" not in seen.body
    if vendor.name == "openai":
        assert seen.body["store"] is False
        assert seen.body["instructions"] == "be brief"
        assert seen.body["max_output_tokens"] == 777
    else:
        assert seen.body["system"] == "be brief"
        assert seen.body["max_tokens"] == 777


def test_a_wrong_key_is_one_line_without_the_key_and_is_not_retried(vendor: Vendor, monkeypatch: pytest.MonkeyPatch):
    refusal = Answer(401, vendor.error(f"bad key {SECRET}\nsecond line"))
    with serve([refusal]) as (server, address), pytest.raises(ProviderError) as caught:
        vendor.ask(monkeypatch, address)
    message = str(caught.value)
    assert len(server.seen) == 1
    assert vendor.key in message
    assert "401" in message
    assert SECRET not in message
    assert "\n" not in message


def test_retry_after_is_obeyed_and_capped(vendor: Vendor, monkeypatch: pytest.MonkeyPatch):
    limited = vendor.error("slow down")
    script = [
        Answer(429, limited, {"Retry-After": "7"}),
        Answer(429, limited, {"Retry-After": "86400"}),
        Answer(body=vendor.reply()),
    ]
    with serve(script) as (server, address):
        assert vendor.ask(monkeypatch, address).text == "hello"
    assert len(server.seen) == 3
    assert vendor.waited_s == [7.0, RetryPolicy().cap_s]


def test_server_errors_are_retried_with_growing_waits_and_then_reported(
    vendor: Vendor, monkeypatch: pytest.MonkeyPatch
):
    with serve([Answer(500, vendor.error("broken"))]) as (server, address), pytest.raises(ProviderError) as caught:
        vendor.ask(monkeypatch, address)
    assert len(server.seen) == 3
    assert vendor.waited_s == [1.0, 2.0]  # the longest that full jitter may draw: 1 s, doubled
    assert "HTTP 500" in str(caught.value)
    assert "broken" in str(caught.value)
    assert "3 tries" in str(caught.value)


def test_a_cut_connection_is_retried(vendor: Vendor, monkeypatch: pytest.MonkeyPatch):
    with serve([Answer(body=vendor.reply(), cut=True), Answer(body=vendor.reply("whole"))]) as (server, address):
        assert vendor.ask(monkeypatch, address).text == "whole"
    assert len(server.seen) == 2


def test_nobody_listens(vendor: Vendor, monkeypatch: pytest.MonkeyPatch):
    with serve([Answer()]) as (_, address):
        pass
    with pytest.raises(ProviderError, match=f"{vendor.name}: no connection: .* \\(model 'some-model'\\) \\(3 tries"):
        vendor.ask(monkeypatch, address)


def test_no_answer_in_time(vendor: Vendor, monkeypatch: pytest.MonkeyPatch):
    hurried = Request(system="", messages=REQUEST.messages, problem_id="p", language="cpp", attempt=1, timeout_s=0.2)
    with serve([Answer(hang=True)]) as (_, address), pytest.raises(ProviderError, match=r"no (whole )?answer"):
        vendor.ask(monkeypatch, address, hurried, tries=1)


@pytest.mark.parametrize("body", [b"<html>busy</html>", b"", b"[1, 2]", b'"text"'])
def test_an_answer_that_is_not_the_protocol(vendor: Vendor, monkeypatch: pytest.MonkeyPatch, body: bytes):
    with serve([Answer(body=body)]) as (server, address), pytest.raises(ProviderError, match="the answer is not"):
        vendor.ask(monkeypatch, address)
    assert len(server.seen) == 3


def test_a_bad_request_says_what_the_server_said(vendor: Vendor, monkeypatch: pytest.MonkeyPatch):
    with (
        serve([Answer(400, vendor.error("max tokens too large"))]) as (server, address),
        pytest.raises(ProviderError, match="HTTP 400: max tokens too large"),
    ):
        vendor.ask(monkeypatch, address)
    assert len(server.seen) == 1


@pytest.mark.parametrize("vendor", ["openai"], indirect=True)
def test_an_exhausted_quota_is_not_waited_for(vendor: Vendor, monkeypatch: pytest.MonkeyPatch):
    with (
        serve([Answer(429, vendor.error("no more", "insufficient_quota"))]) as (server, address),
        pytest.raises(ProviderError, match="no more"),
    ):
        vendor.ask(monkeypatch, address)
    assert len(server.seen) == 1


def test_a_reply_that_was_cut_off_or_declined(vendor: Vendor, monkeypatch: pytest.MonkeyPatch):
    if vendor.name == "openai":
        cut = openai_reply(status="incomplete", incomplete_details={"reason": "max_output_tokens"})
        part = {"type": "refusal", "refusal": "no"}
        message = {"type": "message", "id": "m", "role": "assistant", "status": "completed", "content": [part]}
        declined = openai_reply(output=[message])
    else:
        cut = anthropic_reply(stop_reason="max_tokens")
        declined = anthropic_reply(stop_reason="refusal", content=[])
    with serve([Answer(body=cut), Answer(body=declined)]) as (_, address):
        assert vendor.ask(monkeypatch, address).stop is StopReason.MAX_TOKENS
    with serve([Answer(body=declined)]) as (_, address):
        refused = vendor.ask(monkeypatch, address)
    assert (refused.text, refused.stop) == ("", StopReason.REFUSAL)


def test_no_key(vendor: Vendor, monkeypatch: pytest.MonkeyPatch, tmp_path):
    monkeypatch.delenv(vendor.key, raising=False)
    monkeypatch.setenv("ANTHROPIC_CONFIG_DIR", str(tmp_path))
    with pytest.raises(ProviderError) as caught:
        make_provider(f"{vendor.name}/some-model", tmp_path)
    assert vendor.key in str(caught.value)
    assert "recorded/quickstart" in str(caught.value)
