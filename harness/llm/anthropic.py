"""Anthropic's Messages API through the official SDK.

The SDK reads `ANTHROPIC_API_KEY` and `ANTHROPIC_BASE_URL`. Sampling parameters are not sent: the API has none any more.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import ProviderError
from harness.llm.base import Reply, Request, StopReason
from harness.llm.retry import RetryPolicy
from harness.llm.vendor import bad_answer, fault_of
from harness.models import Usage

if TYPE_CHECKING:
    from anthropic.types import Message

_VENDOR = "anthropic"
_KEY = "ANTHROPIC_API_KEY"
_STOPS = {
    "end_turn": StopReason.END,
    "stop_sequence": StopReason.END,
    "max_tokens": StopReason.MAX_TOKENS,
    "model_context_window_exceeded": StopReason.MAX_TOKENS,
    "refusal": StopReason.REFUSAL,
}


class AnthropicProvider:
    """One model of Anthropic."""

    def __init__(self, model: str, content_root: Path | None = None, retry: RetryPolicy | None = None) -> None:
        import anthropic

        self._model = model
        self._retry = retry or RetryPolicy()
        try:
            client = anthropic.AsyncAnthropic(max_retries=0)
        except anthropic.AnthropicError:
            client = None
        # A profile on disk is the SDK's other source of credentials; one that is broken counts as none.
        if client is None or (client.api_key is None and client.auth_token is None and client.credentials is None):
            raise ProviderError(
                f"anthropic/{model} needs a key: set {_KEY}, or run without one: --model recorded/quickstart"
            )
        self._client = client

    def check(self, problem_ids: Sequence[str], language: str) -> None:
        """Nothing beyond what construction checked: any problem can be asked."""

    async def complete(self, request: Request) -> Reply:
        """Answer `request`; see `harness.llm.Provider`."""
        return await self._retry.run(lambda: self._once(request))

    async def aclose(self) -> None:
        """Close the connection pool."""
        await self._client.close()

    async def _once(self, request: Request) -> Reply:
        import anthropic

        messages: list[Any] = [{"role": message.role, "content": message.text} for message in request.messages]
        secret = self._client.api_key or self._client.auth_token
        try:
            async with asyncio.timeout(request.timeout_s):
                message = await self._client.messages.create(
                    model=self._model,
                    system=request.system,
                    messages=messages,
                    max_tokens=request.max_output_tokens,
                    timeout=request.timeout_s,
                )
        except anthropic.APIError as error:
            raise fault_of(error, vendor=_VENDOR, key_variable=_KEY, model=self._model, secret=secret) from None
        except TimeoutError:
            raise bad_answer(_VENDOR, self._model, f"no whole answer within {request.timeout_s:g} s") from None
        except ValueError:
            raise bad_answer(_VENDOR, self._model, "the answer is not JSON") from None
        if not isinstance(getattr(message, "content", None), list):
            raise bad_answer(_VENDOR, self._model, "the answer is not a message object")
        text = "".join(block.text for block in message.content if block.type == "text")
        return Reply(text=text, usage=_usage(message), stop=_STOPS.get(message.stop_reason or "", StopReason.OTHER))


def _usage(message: "Message") -> Usage:
    """Return the tokens as given: `input_tokens` is the uncached part only; fields may be null."""
    used = message.usage
    if used is None:
        return Usage()
    details = used.output_tokens_details
    return Usage(
        input_uncached=used.input_tokens,
        input_cached=used.cache_read_input_tokens or 0,
        input_cache_write=used.cache_creation_input_tokens or 0,
        output=used.output_tokens,
        reasoning=(getattr(details, "thinking_tokens", None) or 0) if details else 0,
    )
