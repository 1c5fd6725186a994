"""OpenAI's Responses API, and every server that speaks it, through the official SDK.

The SDK reads `OPENAI_API_KEY` and `OPENAI_BASE_URL`; this module never sees the key except to keep it out of messages.
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
    from openai.types.responses import Response

_VENDOR = "openai"
_KEY = "OPENAI_API_KEY"


class OpenAIProvider:
    """One model of OpenAI."""

    def __init__(self, model: str, content_root: Path | None = None, retry: RetryPolicy | None = None) -> None:
        import openai

        self._model = model
        self._retry = retry or RetryPolicy()
        try:
            self._client = openai.AsyncOpenAI(max_retries=0)
        except openai.OpenAIError:
            raise ProviderError(
                f"openai/{model} needs a key: set {_KEY}, or run without one: --model recorded/quickstart"
            ) from None

    def check(self, problem_ids: Sequence[str], language: str) -> None:
        """Nothing beyond what construction checked: any problem can be asked."""

    async def complete(self, request: Request) -> Reply:
        """Answer `request`; see `harness.llm.Provider`."""
        return await self._retry.run(lambda: self._once(request))

    async def aclose(self) -> None:
        """Close the connection pool."""
        await self._client.close()

    async def _once(self, request: Request) -> Reply:
        import openai

        messages: list[Any] = [{"role": message.role, "content": message.text} for message in request.messages]
        try:
            async with asyncio.timeout(request.timeout_s):
                response = await self._client.responses.create(
                    model=self._model,
                    instructions=request.system,
                    input=messages,
                    max_output_tokens=request.max_output_tokens,
                    store=False,
                    timeout=request.timeout_s,
                )
        except openai.APIError as error:
            raise fault_of(
                error, vendor=_VENDOR, key_variable=_KEY, model=self._model, secret=self._client.api_key
            ) from None
        except TimeoutError:
            raise bad_answer(_VENDOR, self._model, f"no whole answer within {request.timeout_s:g} s") from None
        except ValueError:
            raise bad_answer(_VENDOR, self._model, "the answer is not JSON") from None
        return self._reply(response)

    def _reply(self, response: "Response") -> Reply:
        if not isinstance(getattr(response, "output", None), list):
            raise bad_answer(_VENDOR, self._model, "the answer is not a response object")
        if response.error is not None:
            raise bad_answer(_VENDOR, self._model, f"the model failed: {response.error.message}")
        return Reply(text=response.output_text, usage=_usage(response), stop=_stop(response))


def _stop(response: "Response") -> StopReason:
    parts = [part for item in response.output if item.type == "message" for part in item.content]
    if any(part.type == "refusal" for part in parts):
        return StopReason.REFUSAL
    if response.status != "incomplete":
        return StopReason.END
    reason = response.incomplete_details.reason if response.incomplete_details else None
    known = {"max_output_tokens": StopReason.MAX_TOKENS, "content_filter": StopReason.REFUSAL}
    return known.get(reason or "", StopReason.OTHER)


def _usage(response: "Response") -> Usage:
    """Return the tokens, each counted once: `input_tokens` includes cached ones, `output_tokens` includes reasoning."""
    used = response.usage
    if used is None:
        return Usage()
    cached = getattr(used.input_tokens_details, "cached_tokens", None) or 0
    written = getattr(used.input_tokens_details, "cache_write_tokens", None) or 0
    return Usage(
        input_uncached=max(0, used.input_tokens - cached - written),
        input_cached=cached,
        input_cache_write=written,
        output=used.output_tokens,
        reasoning=getattr(used.output_tokens_details, "reasoning_tokens", None) or 0,
    )
