"""Anthropic's Messages API through the official SDK. Its sampling parameters are gone from the API."""

import asyncio
from dataclasses import replace
from typing import Any

from harness.config import api_key
from harness.errors import ProviderError
from harness.llm.base import Answer, Provider, Request, StopReason
from harness.llm.options import ProviderOptions
from harness.llm.remote import RemoteProvider
from harness.llm.retry import CallError, Fault
from harness.llm.vendor import (
    CONNECT_TIMEOUT_S,
    Endpoint,
    estimated_usage,
    items,
    kept_headers,
    number,
    server_address,
    string,
)
from harness.models import Usage

_KEY = "ANTHROPIC_API_KEY"
_STOPS = {
    "end_turn": StopReason.END,
    "stop_sequence": StopReason.END,
    "max_tokens": StopReason.MAX_TOKENS,
    "model_context_window_exceeded": StopReason.MAX_TOKENS,
    "refusal": StopReason.REFUSAL,
}
STREAMED_ABOVE = 21_333
"""Output tokens from which a reply may take over ten minutes; such a reply is streamed, so that nothing between cuts an
idle connection. The SDK draws its own line there."""
MAX_PAUSES = 4
"""Times that a turn which the vendor paused is told to go on."""


def anthropic_provider(model: str, options: ProviderOptions) -> Provider:
    """Return one model of Anthropic.

    Raises:
        ProviderError: there is no key.
    """
    return RemoteProvider(f"anthropic/{model}", MessagesWire(model, options.base_url), options)


class MessagesWire:
    """One model behind `POST /v1/messages`."""

    def __init__(self, model: str, base_url: str | None = None) -> None:
        import anthropic

        key = api_key("anthropic")
        if key is None:
            raise ProviderError(
                f"anthropic/{model} needs a key: set {_KEY}, or run without one: --model recorded/quickstart"
            )
        base_url = server_address("anthropic", base_url)
        self._endpoint = Endpoint("anthropic", model, _KEY, key, message_usage)
        self._client = anthropic.AsyncAnthropic(api_key=key.get_secret_value(), base_url=base_url, max_retries=0)

    async def ask(self, request: Request, timeout_s: float) -> Answer:
        """Ask once, and tell a turn that was paused to go on; see `harness.llm.base.Wire`."""
        body = self._body(request)
        texts: list[str] = []
        thoughts: list[str] = []
        usage, calls = Usage(), 0
        deadline = asyncio.get_running_loop().time() + timeout_s
        while True:
            left_s = max(0.001, deadline - asyncio.get_running_loop().time())
            try:
                message, headers = await self._send(body, left_s)
                self._check(message)
            except CallError as failed:
                raise _with(failed, usage) from None
            blocks = items(message, "content")
            texts += [string(block, "text") for block in blocks if block.get("type") == "text"]
            thoughts += [string(block, "thinking") for block in blocks if block.get("type") == "thinking"]
            usage, calls = usage + (message_usage(message) or estimated_usage(request, *texts, *thoughts)), calls + 1
            reason = string(message, "stop_reason")
            if reason != "pause_turn" or calls > MAX_PAUSES:
                stop = _STOPS.get(reason, StopReason.OTHER)
                return Answer("".join(texts), usage, stop, "\n".join(filter(None, thoughts)), headers, calls)
            body = body | {"messages": [*body["messages"], {"role": "assistant", "content": blocks}]}

    async def aclose(self) -> None:
        """Close the connection pool."""
        await self._client.close()

    def _body(self, request: Request) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self._endpoint.model,
            "messages": [{"role": message.role, "content": message.text} for message in request.messages],
            "max_tokens": request.max_output_tokens,
        }
        if request.system:
            # All tasks of a run share it: the vendor keeps it, and reads it again for a tenth of the price.
            body["system"] = [{"type": "text", "text": request.system, "cache_control": {"type": "ephemeral"}}]
        config: dict[str, Any] = {}
        if request.effort is not None:
            config["effort"] = request.effort
        if request.json_schema is not None:
            config["format"] = {"type": "json_schema", "schema": request.json_schema}
        return body | {"output_config": config} if config else body

    async def _send(self, body: dict[str, Any], timeout_s: float) -> tuple[dict[str, Any], dict[str, str]]:
        import anthropic

        timeout = anthropic.Timeout(timeout_s, connect=min(timeout_s, CONNECT_TIMEOUT_S))
        if body["max_tokens"] > STREAMED_ABOVE:
            return await self._stream(body, timeout_s)
        send = self._client.messages.with_raw_response.create(**body, timeout=timeout)
        return await self._endpoint.call(send, anthropic.APIError, timeout_s)

    async def _stream(self, body: dict[str, Any], timeout_s: float) -> tuple[dict[str, Any], dict[str, str]]:
        """Return the whole message, put together by the SDK."""
        import anthropic

        timeout = anthropic.Timeout(timeout_s, connect=min(timeout_s, CONNECT_TIMEOUT_S))
        try:
            async with asyncio.timeout(timeout_s), self._client.messages.stream(**body, timeout=timeout) as stream:
                message = (await stream.get_final_message()).to_dict(mode="json")
                headers = kept_headers(stream.response.headers)
        except anthropic.APIError as error:
            raise self._endpoint.fault_of(error) from None
        except TimeoutError:
            raise self._endpoint.late(timeout_s) from None
        except (ValueError, AssertionError, RuntimeError):
            raise self._endpoint.bad_answer("the stream is not one of messages") from None
        except Exception as error:  # the SDK lets its HTTP library's own errors through while a stream is read
            if not type(error).__module__.startswith("httpx"):
                raise
            raise self._endpoint.bad_answer(f"the stream broke off: {error}") from None
        if not message.get("stop_reason"):
            raise self._endpoint.bad_answer("the stream broke off")
        return message, headers

    def _check(self, message: dict[str, Any]) -> None:
        if not isinstance(message.get("content"), list):
            raise self._endpoint.bad_answer("the answer is not a message object", message_usage(message))


def message_usage(message: dict[str, Any]) -> Usage | None:
    """Return the tokens, or None where the server did not say.

    `input_tokens` is the uncached part only, and every count may be null; thinking is part of `output_tokens`.
    """
    used = message.get("usage")
    if not isinstance(used, dict) or "output_tokens" not in used:
        return None
    output = number(used, "output_tokens")
    return Usage(
        input_uncached=number(used, "input_tokens"),
        input_cached=number(used, "cache_read_input_tokens"),
        input_cache_write=number(used, "cache_creation_input_tokens"),
        output=output,
        reasoning=min(output, number(used.get("output_tokens_details"), "thinking_tokens")),
    )


def _with(failed: CallError, usage: Usage) -> CallError:
    """Return `failed` with what the turns before it are billed for."""
    fault: Fault = failed.fault
    return CallError(replace(fault, usage=fault.usage + usage))
