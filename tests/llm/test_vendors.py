"""The three wire formats against a real server that speaks them."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from harness.errors import ProviderError
from harness.llm import (
    CallFailed,
    Provider,
    ProviderOptions,
    QuotaExhausted,
    Reply,
    Request,
    StopReason,
    make_provider,
)
from harness.llm.anthropic import STREAMED_ABOVE, anthropic_provider
from harness.llm.chat import compatible_provider
from harness.llm.openai import openai_provider
from harness.llm.retry import RetryPolicy
from harness.models import Usage
from tests.llm.servers import (
    Answer,
    anthropic_reply,
    anthropic_stream,
    chat_reply,
    openai_reply,
    serve,
)
from tests.llm.support import REQUEST, FakeTime, ask, clear, options

SECRET = "sk-secret-0123456789"
PRICES = """version = 1
[openai.some-model]
input = 10
cached_input = 1
cache_write = 12
output = 100
dated = "2026-01-01"
"""


@dataclass
class Vendor:
    """What differs between them."""

    name: str
    make: Callable[[str, ProviderOptions], Provider]
    key: str
    prefix: str
    path: str
    reply: Callable[..., dict[str, Any]]
    root: Path
    time: FakeTime = field(default_factory=FakeTime)

    def error(self, message: str, code: str | None = None) -> dict[str, Any]:
        return {"type": "error", "error": {"type": "some_error", "message": message, "code": code}}

    def ask(self, address: str, *requests: Request, **policy: Any) -> Reply:
        """Ask (by default once) and return the last reply."""
        return self.ask_with(address, *requests, retry=self.time.policy(**policy))

    def ask_with(self, address: str, *requests: Request, **changes: Any) -> Reply:
        made = self.make("some-model", options(self.root, base_url=address + self.prefix, **changes))
        return ask(made, *(requests or (REQUEST,)))[-1]

    def stopped(self, reason: str) -> dict[str, Any]:
        """A body that ended for `reason`: max_tokens or refusal."""
        if self.name == "openai":
            if reason == "max_tokens":
                return openai_reply(status="incomplete", incomplete_details={"reason": "max_output_tokens"})
            part = {"type": "refusal", "refusal": "no"}
            message = {"type": "message", "id": "m", "role": "assistant", "status": "completed", "content": [part]}
            return openai_reply(output=[message])
        if self.name == "anthropic":
            return anthropic_reply(stop_reason=reason, **({"content": []} if reason == "refusal" else {}))
        said = {"role": "assistant", "content": "", "refusal": "no"} if reason == "refusal" else {"content": "hello"}
        finish = "stop" if reason == "refusal" else "length"
        return chat_reply(choices=[{"index": 0, "finish_reason": finish, "message": said}])

    def empty(self) -> dict[str, Any]:
        """A body that holds no text."""
        if self.name == "openai":
            return openai_reply(output=[])
        if self.name == "anthropic":
            return anthropic_reply(content=[])
        return chat_reply(choices=[{"index": 0, "finish_reason": "stop", "message": {"content": None}}])


@pytest.fixture(params=["openai", "anthropic", "compatible"])
def vendor(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Vendor:
    clear(monkeypatch)
    if request.param == "openai":
        made = Vendor("openai", openai_provider, "OPENAI_API_KEY", "/v1", "/v1/responses", openai_reply, tmp_path)
    elif request.param == "anthropic":
        made = Vendor(
            "anthropic", anthropic_provider, "ANTHROPIC_API_KEY", "", "/v1/messages", anthropic_reply, tmp_path
        )
    else:
        path, key = "/v1/chat/completions", "COMPATIBLE_API_KEY"
        made = Vendor("compatible", compatible_provider, key, "/v1", path, chat_reply, tmp_path)
    monkeypatch.setenv(made.key, SECRET)
    return made


def only(name: str) -> pytest.MarkDecorator:
    """Run a test for one vendor."""
    return pytest.mark.parametrize("vendor", [name], indirect=True)


def test_success(vendor: Vendor):
    with serve([Answer(body=vendor.reply("a kernel"))]) as (server, address):
        reply = vendor.ask(address)
    # 100 prompt tokens on every wire: 30 read from a cache, 10 written to it. Reasoning is part of the output.
    tokens = Usage(input_uncached=60, input_cached=30, input_cache_write=10, output=20, reasoning=5)
    if vendor.name == "compatible":
        tokens = Usage(input_uncached=60, input_cached=40, output=20, reasoning=5)
    reasoning = "" if vendor.name == "openai" else "hm"
    assert reply == Reply("a kernel", tokens, StopReason.END, cost_usd=None, reasoning=reasoning)
    (seen,) = server.seen
    assert seen.path == vendor.path
    assert seen.headers["authorization"] == f"Bearer {SECRET}"
    assert seen.body["model"] == "some-model"
    assert "temperature" not in seen.body
    if vendor.name == "openai":
        assert seen.body["store"] is False
        assert seen.body["instructions"] == "be brief"
        assert seen.body["max_output_tokens"] == 777
    elif vendor.name == "anthropic":
        assert seen.body["system"] == [{"type": "text", "text": "be brief", "cache_control": {"type": "ephemeral"}}]
        assert seen.body["max_tokens"] == 777
    else:
        assert seen.body["messages"][0] == {"role": "system", "content": "be brief"}
        assert (seen.body["max_completion_tokens"], seen.body["max_tokens"]) == (777, 777)


def test_what_is_asked_besides_text(vendor: Vendor):
    schema = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
    request = replace(REQUEST, effort="high", json_schema=schema)
    with serve([Answer(body=vendor.reply())]) as (server, address):
        vendor.ask(address, request)
    body = server.seen[0].body
    if vendor.name == "openai":
        assert body["reasoning"] == {"effort": "high"}
        assert body["text"]["format"] == {"type": "json_schema", "name": "reply", "schema": schema, "strict": True}
    elif vendor.name == "anthropic":
        assert body["output_config"] == {"effort": "high", "format": {"type": "json_schema", "schema": schema}}
    else:
        assert body["reasoning_effort"] == "high"
        assert body["response_format"]["json_schema"]["schema"] == schema


def test_what_a_model_does_not_take_is_left_out_with_a_warning(vendor: Vendor):
    rule = f'[[model]]\nmatch = ["{vendor.name}/*"]\ntemperature = false\nefforts = ["low"]\nmax_output = 500\n'
    (vendor.root / "agents").mkdir()
    (vendor.root / "agents" / "capabilities.toml").write_text(rule)
    with serve([Answer(body=vendor.reply())]) as (server, address):
        reply = vendor.ask(address, replace(REQUEST, effort="high", temperature=0.5))
    assert reply.text == "hello"
    assert reply.warnings == (
        "temperature 0.5 is left out: the model has none",
        "effort 'high' is left out: the model knows low",
        "max_output_tokens 777 is lowered to the model's 500",
    )
    assert not {"temperature", "reasoning", "reasoning_effort", "output_config"} & set(server.seen[0].body)
    assert 500 in server.seen[0].body.values()


@only("openai")
def test_the_price_is_that_of_the_table(vendor: Vendor):
    prices = vendor.root / "prices.toml"
    prices.write_text(PRICES)
    with serve([Answer(body=openai_reply())]) as (_, address):
        reply = vendor.ask_with(address, prices=prices)
    # 60 uncached at 10, 30 cached at 1, 10 written at 12, 20 out at 100 dollars per million; reasoning is in the 20.
    assert reply.cost_usd == pytest.approx((60 * 10 + 30 * 1 + 10 * 12 + 20 * 100) / 1e6)


def test_a_wrong_key_is_one_line_without_the_key_and_is_not_retried(vendor: Vendor):
    refusal = Answer(401, vendor.error(f"bad key {SECRET}\nsecond line"))
    with serve([refusal]) as (server, address), pytest.raises(ProviderError) as caught:
        vendor.ask(address)
    message = str(caught.value)
    assert len(server.seen) == 1
    assert vendor.key in message
    assert "401" in message
    assert SECRET not in message
    assert "\n" not in message


def test_the_key_is_in_no_log_and_no_repr(vendor: Vendor, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    with serve([Answer(500, vendor.error(SECRET)), Answer(body=vendor.reply())]) as (_, address):
        made = vendor.make("some-model", options(vendor.root, vendor.time, base_url=address + vendor.prefix))
        ask(made, REQUEST)
    wire = vars(made)["_wire"]
    assert caplog.records
    for text in (caplog.text, repr(made), repr(vars(made)), repr(wire), repr(vars(wire))):
        assert SECRET not in text


def test_an_address_with_a_password_is_refused(vendor: Vendor):
    # HTTP libraries log the address of every request, as it was given.
    with pytest.raises(ProviderError, match=f"holds a name or a password.* - set {vendor.key} instead") as caught:
        vendor.ask("http://me:pass-word-1@127.0.0.1:9")
    assert "pass-word-1" not in str(caught.value)


def test_retry_after_is_obeyed_and_capped(vendor: Vendor):
    limited = vendor.error("slow down")
    script = [
        Answer(429, limited, {"Retry-After": "7"}),
        Answer(429, limited, {"Retry-After": "86400"}),
        Answer(429, limited, {"Retry-After-Ms": "2500"}),
        Answer(429, limited),
        Answer(body=vendor.reply()),
    ]
    with serve(script) as (server, address):
        reply = vendor.ask(address)
    assert (reply.text, reply.calls, reply.unmetered) == ("hello", 5, 0)
    assert len(server.seen) == 5
    # Without the header: the longest that full jitter may draw, 1 s doubled with every limit that was met.
    assert vendor.time.slept == [7.0, RetryPolicy().cap_s, 4.0, 8.0]


def test_a_limit_that_never_ends_ends_at_the_deadline(vendor: Vendor):
    with (
        serve([Answer(429, vendor.error("slow down"), {"Retry-After": "50"})]) as (server, address),
        pytest.raises(
            CallFailed, match=r"slow down.*no answer within 170 s; reply_deadline_s is the setting"
        ) as caught,
    ):
        vendor.ask(address, deadline_s=170)
    assert len(server.seen) == caught.value.calls == 4
    assert vendor.time.slept == [50.0, 50.0, 50.0]


def test_server_errors_are_retried_with_growing_waits_and_then_reported(vendor: Vendor):
    with serve([Answer(500, vendor.error("broken"))]) as (server, address), pytest.raises(CallFailed) as caught:
        vendor.ask(address)
    assert len(server.seen) == 3
    assert vendor.time.slept == [1.0, 2.0]  # the longest that full jitter may draw: 1 s, doubled
    assert "HTTP 500" in str(caught.value)
    assert "broken" in str(caught.value)
    assert "3 tries" in str(caught.value)
    assert (caught.value.calls, caught.value.unmetered) == (3, 0)


def test_a_server_may_say_that_trying_again_is_pointless(vendor: Vendor):
    final = Answer(500, vendor.error("broken"), {"x-should-retry": "false"})
    with serve([final]) as (server, address), pytest.raises(CallFailed, match="broken"):
        vendor.ask(address)
    assert len(server.seen) == 1


def test_a_cut_connection_is_retried_and_counted_as_perhaps_billed(vendor: Vendor):
    with serve([Answer(body=vendor.reply(), cut=True), Answer(body=vendor.reply("whole"))]) as (server, address):
        reply = vendor.ask(address)
    assert (reply.text, reply.calls, reply.unmetered) == ("whole", 2, 1)
    assert len(server.seen) == 2


def test_nobody_listens(vendor: Vendor):
    with serve([Answer()]) as (_, address):
        pass
    expected = f"{vendor.name}: no connection: .* \\(model 'some-model'\\) \\(3 tries"
    with pytest.raises(CallFailed, match=expected) as caught:
        vendor.ask(address)
    assert caught.value.unmetered == 0


def test_no_answer_in_time(vendor: Vendor):
    hurried = replace(REQUEST, timeout_s=0.2)
    with serve([Answer(hang=True)]) as (_, address), pytest.raises(CallFailed, match=r"no (whole )?answer") as caught:
        vendor.ask(address, hurried, tries=1)
    assert caught.value.unmetered == 1


def test_the_deadline_bounds_one_try(vendor: Vendor):
    with serve([Answer(hang=True)]) as (server, address), pytest.raises(CallFailed, match=r"no (whole )?answer"):
        vendor.ask_with(address, retry=RetryPolicy(deadline_s=0.3))
    assert len(server.seen) == 1


@pytest.mark.parametrize("body", [b"<html>busy</html>", b"", b"[1, 2]", b'"text"', b'{"output": 3}', b"\xff\xfe"])
def test_an_answer_that_is_not_the_protocol(vendor: Vendor, body: bytes):
    with (
        serve([Answer(body=body)]) as (server, address),
        pytest.raises(CallFailed, match="the answer is not") as caught,
    ):
        vendor.ask(address)
    assert len(server.seen) == caught.value.unmetered == 3


@pytest.mark.parametrize("junk", [3, "x", [1], [[]], [{"type": 3}], [None], {"a": 1}])
def test_fields_of_other_types_are_no_crash(vendor: Vendor, junk: Any):
    names = {"openai": "output", "anthropic": "content", "compatible": "choices"}
    script = [Answer(body=vendor.reply(**{names[vendor.name]: junk, "usage": junk})), Answer(body=vendor.reply())]
    with serve(script) as (_, address):
        reply = vendor.ask(address)
    assert reply.text in {"", "hello"}
    assert reply.usage.output > 0


def test_a_bad_request_says_what_the_server_said(vendor: Vendor):
    with (
        serve([Answer(400, vendor.error("max tokens too large"))]) as (server, address),
        pytest.raises(ProviderError, match="HTTP 400: max tokens too large"),
    ):
        vendor.ask(address)
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("status", "message", "code"),
    [
        (429, "no more", "insufficient_quota"),
        (429, "You exceeded your current quota, please check your plan", None),
        (402, "pay", None),
        (400, "Your credit balance is too low to access the API", None),
    ],
)
def test_an_exhausted_quota_is_not_waited_for(vendor: Vendor, status: int, message: str, code: str | None):
    with (
        serve([Answer(status, vendor.error(message, code))]) as (server, address),
        pytest.raises(QuotaExhausted, match="no quota left: see to the account"),
    ):
        vendor.ask(address)
    assert len(server.seen) == 1
    assert vendor.time.slept == []


@pytest.mark.parametrize("reason", ["max_tokens", "refusal"])
def test_a_reply_that_was_cut_off_or_declined(vendor: Vendor, reason: str):
    with serve([Answer(body=vendor.stopped(reason))]) as (server, address):
        reply = vendor.ask(address)
    assert reply.stop is StopReason(reason)
    assert reply.text == ("" if reason == "refusal" else "hello")
    assert reply.usage.output == 20  # both are billed
    assert len(server.seen) == 1


def test_empty_content_is_an_answer(vendor: Vendor):
    with serve([Answer(body=vendor.empty())]) as (server, address):
        reply = vendor.ask(address)
    assert (reply.text, reply.stop, reply.usage.output) == ("", StopReason.END, 20)
    assert len(server.seen) == 1  # it was bought, and is not bought again


def test_usage_that_is_not_said_is_estimated_and_marked(vendor: Vendor):
    with serve([Answer(body=vendor.reply("x" * 400, usage=None))]) as (_, address):
        usage = vendor.ask(address).usage
    assert usage.estimated
    assert usage.output >= 100  # 4 characters a token
    assert usage.input_uncached > 0


def test_more_questions_than_places_wait_for_one(vendor: Vendor):
    with serve([Answer(body=vendor.reply())]) as (server, address):
        made = vendor.make("some-model", options(vendor.root, max_requests=2, base_url=address + vendor.prefix))
        busy, most = 0, 0
        wire = vars(made)["_wire"]
        inner = wire.ask

        async def counted(request: Request, timeout_s: float) -> Any:
            nonlocal busy, most
            busy += 1
            most = max(most, busy)
            try:
                return await inner(request, timeout_s)
            finally:
                busy -= 1

        wire.ask = counted

        async def crowd() -> list[Reply]:
            try:
                return await asyncio.gather(*(made.complete(REQUEST) for _ in range(12)))
            finally:
                await made.aclose()

        assert [reply.text for reply in asyncio.run(crowd())] == ["hello"] * 12
    assert (most, len(server.seen)) == (2, 12)


def test_headers_of_rate_limits_hold_the_next_call_back(vendor: Vendor):
    if vendor.name == "anthropic":
        low = {
            "anthropic-ratelimit-requests-limit": "10",
            "anthropic-ratelimit-requests-remaining": "0",
        }
    else:
        low = {
            "x-ratelimit-limit-requests": "10",
            "x-ratelimit-remaining-requests": "0",
            "x-ratelimit-reset-requests": "1m0s",
        }
    with serve([Answer(body=vendor.reply(), headers=low), Answer(body=vendor.reply())]) as (_, address):
        vendor.ask(address, REQUEST, REQUEST)
    assert vendor.time.slept == pytest.approx([6.0])  # ten a minute and none left: the next one in a tenth of a minute


# ---- one vendor's own ----


@only("openai")
def test_a_response_that_failed_is_tried_again_and_what_it_cost_is_counted(vendor: Vendor):
    failed = openai_reply(status="failed", error={"code": "server_error", "message": "oops"})
    with serve([Answer(body=failed), Answer(body=openai_reply())]) as (_, address):
        reply = vendor.ask(address)
    assert (reply.calls, reply.unmetered) == (2, 0)
    assert (reply.usage.input_uncached, reply.usage.output, reply.usage.reasoning) == (120, 40, 10)


@only("openai")
def test_the_reasoning_summary_is_kept_apart(vendor: Vendor):
    body = openai_reply("answer")
    body["output"][0]["summary"] = [{"type": "summary_text", "text": "thought"}]
    with serve([Answer(body=body)]) as (_, address):
        reply = vendor.ask(address)
    assert (reply.text, reply.reasoning) == ("answer", "thought")


@only("openai")
def test_a_filter_is_a_refusal(vendor: Vendor):
    body = openai_reply(status="incomplete", incomplete_details={"reason": "content_filter"})
    with serve([Answer(body=body)]) as (_, address):
        assert vendor.ask(address).stop is StopReason.REFUSAL


@only("anthropic")
def test_a_paused_turn_goes_on_and_every_part_is_billed_once(vendor: Vendor):
    paused = anthropic_reply("first, ", stop_reason="pause_turn")
    with serve([Answer(body=paused), Answer(body=anthropic_reply("second"))]) as (server, address):
        reply = vendor.ask(address)
    assert (reply.text, reply.stop, reply.calls) == ("first, second", StopReason.END, 2)
    assert (reply.usage.input_uncached, reply.usage.output) == (120, 40)
    assert server.seen[1].body["messages"][-1] == {"role": "assistant", "content": paused["content"]}


@only("anthropic")
def test_what_a_paused_turn_cost_is_not_lost_when_it_cannot_go_on(vendor: Vendor):
    paused = Answer(body=anthropic_reply("first, ", stop_reason="pause_turn"))
    script = [paused, Answer(500, vendor.error("broken")), Answer(body=anthropic_reply("whole"))]
    with serve(script) as (_, address):
        reply = vendor.ask(address)
    assert reply.text == "whole"
    assert (reply.usage.input_uncached, reply.usage.output) == (120, 40)


@only("anthropic")
def test_a_turn_that_pauses_for_ever_ends(vendor: Vendor):
    with serve([Answer(body=anthropic_reply(stop_reason="pause_turn"))]) as (server, address):
        assert vendor.ask(address).stop is StopReason.OTHER
    assert len(server.seen) == 5


@only("anthropic")
def test_null_counts_are_none(vendor: Vendor):
    usage = {"input_tokens": 7, "output_tokens": 3, "cache_read_input_tokens": None, "output_tokens_details": None}
    with serve([Answer(body=anthropic_reply(usage=usage))]) as (_, address):
        assert vendor.ask(address).usage == Usage(input_uncached=7, output=3)


LONG = replace(REQUEST, max_output_tokens=STREAMED_ABOVE + 1)


@only("anthropic")
def test_a_long_reply_is_streamed(vendor: Vendor):
    with serve([anthropic_stream(anthropic_reply("a kernel"))]) as (server, address):
        reply = vendor.ask(address, LONG)
    assert server.seen[0].body["stream"] is True
    tokens = Usage(input_uncached=60, input_cached=30, input_cache_write=10, output=20, reasoning=5)
    assert reply == Reply("a kernel", tokens, StopReason.END, reasoning="hm")


@only("anthropic")
def test_a_stream_that_breaks_off_is_tried_again(vendor: Vendor):
    whole = anthropic_stream(anthropic_reply("whole"))
    overloaded = {"type": "overloaded_error", "message": "too much"}
    script = [
        anthropic_stream(anthropic_reply("ha"), cut=True),
        anthropic_stream(anthropic_reply("ha"), error=overloaded),
        replace(whole, cut=True),
        whole,
    ]
    with serve(script) as (server, address):
        reply = vendor.ask(address, LONG, tries=4)
    assert (reply.text, reply.calls, reply.unmetered) == ("whole", 4, 3)
    assert len(server.seen) == 4


@only("anthropic")
@pytest.mark.parametrize("answer", [Answer(429, {"type": "error", "error": {"type": "rate_limit_error"}}), Answer(500)])
def test_a_stream_that_does_not_begin(vendor: Vendor, answer: Answer):
    with serve([answer, anthropic_stream(anthropic_reply("whole"))]) as (_, address):
        reply = vendor.ask(address, LONG)
    assert (reply.text, reply.unmetered) == ("whole", 0)


@only("anthropic")
@pytest.mark.parametrize("body", [b"<html>", b"", b"data: {]\n\n", b"event: x\ndata: {}\n\n"])
def test_a_stream_that_is_none(vendor: Vendor, body: bytes):
    broken = Answer(body=body, headers={"Content-Type": "text/event-stream"})
    with serve([broken, anthropic_stream(anthropic_reply("whole"))]) as (_, address):
        assert vendor.ask(address, LONG).text == "whole"


@only("compatible")
@pytest.mark.parametrize(
    ("message", "text", "reasoning"),
    [
        ({"content": "a", "reasoning": "r"}, "a", "r"),
        ({"content": "a", "reasoning_content": "r"}, "a", "r"),
        ({"content": "<think>r</think>\n\na"}, "a", "r"),
        ({"content": "<think>cut off"}, "", "cut off"),
        ({"content": "see <think> tags"}, "see <think> tags", ""),
        ({"content": [{"type": "text", "text": "a"}]}, "a", ""),
    ],
)
def test_reasoning_is_kept_apart_from_the_answer(vendor: Vendor, message: dict[str, Any], text: str, reasoning: str):
    with serve([Answer(body=chat_reply(choices=[{"finish_reason": "stop", "message": message}]))]) as (_, address):
        reply = vendor.ask(address)
    assert (reply.text, reply.reasoning) == (text, reasoning)


@only("compatible")
def test_a_local_server_needs_no_key_and_is_sent_none(vendor: Vendor, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(vendor.key)
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    with serve([Answer(body=chat_reply())]) as (server, address):
        assert vendor.ask(address).text == "hello"
    assert "authorization" not in server.seen[0].headers
    assert SECRET not in str(server.seen[0])


# ---- keys and addresses ----


def test_no_key(vendor: Vendor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    if vendor.name == "compatible":
        expected = "HARNESS_BASE_URL"
    else:
        monkeypatch.delenv(vendor.key)
        expected = vendor.key
    with pytest.raises(ProviderError) as caught:
        make_provider(f"{vendor.name}/some-model", tmp_path, options(tmp_path))
    assert expected in str(caught.value)
    assert "recorded/quickstart" in str(caught.value)


def test_the_address_is_a_setting_or_the_vendors_variable(
    vendor: Vendor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    variable = "ANTHROPIC_BASE_URL" if vendor.name == "anthropic" else "OPENAI_BASE_URL"
    with serve([Answer(body=vendor.reply())]) as (server, address):
        monkeypatch.setenv(variable, address + vendor.prefix)
        ask(make_provider(f"{vendor.name}/some-model", tmp_path), REQUEST)
        monkeypatch.setenv(variable, "http://127.0.0.1:9")
        monkeypatch.setenv("HARNESS_BASE_URL", address + vendor.prefix)
        ask(make_provider(f"{vendor.name}/some-model", tmp_path), REQUEST)
    assert len(server.seen) == 2
