"""OpenAI's Responses API, and every server that speaks it, through the official SDK."""

from typing import TYPE_CHECKING, Any

from harness.config import api_key
from harness.errors import ProviderError
from harness.llm.base import Answer, Provider, Request, StopReason
from harness.llm.options import ProviderOptions
from harness.llm.remote import RemoteProvider
from harness.llm.vendor import CONNECT_TIMEOUT_S, Endpoint, estimated_usage, items, number, server_address, string
from harness.models import Usage

if TYPE_CHECKING:
    from openai import AsyncOpenAI

_KEY = "OPENAI_API_KEY"
_INCOMPLETE = {"max_output_tokens": StopReason.MAX_TOKENS, "content_filter": StopReason.REFUSAL}


def openai_provider(model: str, options: ProviderOptions) -> Provider:
    """Return one model of OpenAI.

    Raises:
        ProviderError: there is no key.
    """
    return RemoteProvider(f"openai/{model}", ResponsesWire(model, options.base_url), options)


class ResponsesWire:
    """One model behind `POST /responses`."""

    def __init__(self, model: str, base_url: str | None = None) -> None:
        key = api_key("openai")
        if key is None:
            raise ProviderError(
                f"openai/{model} needs a key: set {_KEY}, or run without one: --model recorded/quickstart"
            )
        base_url = server_address("openai", base_url)
        self._endpoint = Endpoint("openai", model, _KEY, key, response_usage)
        self._client = make_client(key.get_secret_value(), base_url)

    async def ask(self, request: Request, timeout_s: float) -> Answer:
        """Ask once; see `harness.llm.base.Wire`."""
        import openai

        send = self._client.responses.with_raw_response.create(
            **self._body(request), timeout=openai.Timeout(timeout_s, connect=min(timeout_s, CONNECT_TIMEOUT_S))
        )
        body, headers = await self._endpoint.call(send, openai.APIError, timeout_s)
        return self._read(request, body, headers)

    async def aclose(self) -> None:
        """Close the connection pool."""
        await self._client.close()

    def _body(self, request: Request) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self._endpoint.model,
            "input": [{"role": message.role, "content": message.text} for message in request.messages],
            "max_output_tokens": request.max_output_tokens,
            "store": False,
        }
        if request.system:
            body["instructions"] = request.system
        if request.effort is not None:
            body["reasoning"] = {"effort": request.effort}
        if request.temperature is not None:
            body["temperature"] = request.temperature
        if request.json_schema is not None:
            form = {"type": "json_schema", "name": "reply", "schema": request.json_schema, "strict": True}
            body["text"] = {"format": form}
        return body

    def _read(self, request: Request, body: dict[str, Any], headers: dict[str, str]) -> Answer:
        """Return what a response object says."""
        usage = response_usage(body)
        error = body.get("error")
        if isinstance(error, dict):
            what = f"the model failed: {string(error, 'message') or string(error, 'code')}"
            raise self._endpoint.bad_answer(what, usage, string(error, "code"))
        if not isinstance(body.get("output"), list):
            raise self._endpoint.bad_answer("the answer is not a response object", usage)
        if body.get("status") in {"failed", "cancelled", "queued", "in_progress"}:
            raise self._endpoint.bad_answer(f"the response is {body['status']}", usage)
        output = items(body, "output")
        parts = [part for item in output if item.get("type") == "message" for part in items(item, "content")]
        text = "".join(string(part, "text") for part in parts if part.get("type") == "output_text")
        thoughts = [
            string(part, "text")
            for item in output
            if item.get("type") == "reasoning"
            for part in (*items(item, "summary"), *items(item, "content"))
        ]
        reasoning = "\n".join(filter(None, thoughts))
        usage = usage or estimated_usage(request, text, reasoning)
        return Answer(text, usage, _stop(body, parts), reasoning, headers)


def make_client(key: str, base_url: str | None) -> "AsyncOpenAI":
    """Return a client without retries of its own."""
    import openai

    return openai.AsyncOpenAI(api_key=key, base_url=base_url, max_retries=0)


def response_usage(body: dict[str, Any]) -> Usage | None:
    """Return the tokens, each counted once, or None where the server did not say.

    `input_tokens` includes those read from and written to a cache, `output_tokens` includes reasoning.
    """
    used = body.get("usage")
    if not isinstance(used, dict) or "output_tokens" not in used:
        return None
    prompt, details = number(used, "input_tokens"), used.get("input_tokens_details")
    cached = min(prompt, number(details, "cached_tokens"))
    written = min(prompt - cached, number(details, "cache_write_tokens"))
    output = number(used, "output_tokens")
    return Usage(
        input_uncached=prompt - cached - written,
        input_cached=cached,
        input_cache_write=written,
        output=output,
        reasoning=min(output, number(used.get("output_tokens_details"), "reasoning_tokens")),
    )


def _stop(body: dict[str, Any], parts: list[dict[str, Any]]) -> StopReason:
    if any(part.get("type") == "refusal" for part in parts):
        return StopReason.REFUSAL
    if body.get("status") != "incomplete":
        return StopReason.END
    return _INCOMPLETE.get(string(body.get("incomplete_details"), "reason"), StopReason.OTHER)
