"""Chat Completions: what vLLM, llama.cpp, Ollama and their like have in common, through OpenAI's SDK.

The address is `base_url`; a key is optional, and OpenAI's own is never sent to another server.
"""

import re
from typing import Any

from harness.config import BASE_URLS, api_key
from harness.errors import ProviderError
from harness.llm.base import Answer, Provider, Request, StopReason
from harness.llm.openai import make_client
from harness.llm.options import ProviderOptions
from harness.llm.remote import RemoteProvider
from harness.llm.vendor import CONNECT_TIMEOUT_S, Endpoint, estimated_usage, items, number, server_address, string
from harness.models import Usage

_KEY = "COMPATIBLE_API_KEY"
_STOPS = {
    "stop": StopReason.END,
    "length": StopReason.MAX_TOKENS,
    "content_filter": StopReason.REFUSAL,
}
_THOUGHT = re.compile(r"\A\s*<think>(?P<thought>.*?)(?:</think>\s*|\Z)", re.DOTALL)


def compatible_provider(model: str, options: ProviderOptions) -> Provider:
    """Return one model of a server that speaks Chat Completions.

    Raises:
        ProviderError: no address is set.
    """
    return RemoteProvider(f"compatible/{model}", ChatWire(model, options.base_url), options)


class ChatWire:
    """One model behind `POST /chat/completions`."""

    def __init__(self, model: str, base_url: str | None = None) -> None:
        import openai

        base_url = server_address("compatible", base_url)
        if base_url is None:
            raise ProviderError(
                f"compatible/{model} needs the address of its server: set HARNESS_BASE_URL, such as "
                f"http://localhost:8000/v1 (or {BASE_URLS['compatible']}), or run without: --model recorded/quickstart"
            )
        key = api_key("compatible")
        self._endpoint = Endpoint("compatible", model, _KEY, key, chat_usage)
        # The SDK insists on a key; where there is none, its header is left out of each request.
        self._headers = {} if key else {"Authorization": openai.Omit()}
        self._client = make_client(key.get_secret_value() if key else "none", base_url)

    async def ask(self, request: Request, timeout_s: float) -> Answer:
        """Ask once; see `harness.llm.base.Wire`."""
        import openai

        send = self._client.chat.completions.with_raw_response.create(
            **self._body(request),
            extra_headers=self._headers,
            timeout=openai.Timeout(timeout_s, connect=min(timeout_s, CONNECT_TIMEOUT_S)),
        )
        body, headers = await self._endpoint.call(send, openai.APIError, timeout_s)
        return self._read(request, body, headers)

    async def aclose(self) -> None:
        """Close the connection pool."""
        await self._client.close()

    def _body(self, request: Request) -> dict[str, Any]:
        system = [{"role": "system", "content": request.system}] if request.system else []
        body: dict[str, Any] = {
            "model": self._endpoint.model,
            "messages": [*system, *({"role": message.role, "content": message.text} for message in request.messages)],
            "max_completion_tokens": request.max_output_tokens,
            # The older name of the same limit: Ollama and LM Studio silently ignore the newer one.
            "max_tokens": request.max_output_tokens,
        }
        if request.effort is not None:
            body["reasoning_effort"] = request.effort
        if request.temperature is not None:
            body["temperature"] = request.temperature
        if request.json_schema is not None:
            form = {"name": "reply", "schema": request.json_schema, "strict": True}
            body["response_format"] = {"type": "json_schema", "json_schema": form}
        return body

    def _read(self, request: Request, body: dict[str, Any], headers: dict[str, str]) -> Answer:
        """Return what a completion object says."""
        usage = chat_usage(body)
        choices = items(body, "choices")
        message = choices[0].get("message") if choices else None
        if not isinstance(message, dict):
            said = string(body.get("error"), "message")
            what = f"the model failed: {said}" if said else "the answer is not a chat completion"
            raise self._endpoint.bad_answer(what, usage)
        thought, text = split_thought(_content(message))
        reasoning = string(message, "reasoning") or string(message, "reasoning_content") or thought
        refusal = string(message, "refusal")
        stop = StopReason.REFUSAL if refusal else _STOPS.get(string(choices[0], "finish_reason"), StopReason.OTHER)
        return Answer(text, usage or estimated_usage(request, text, reasoning), stop, reasoning, headers)


def split_thought(text: str) -> tuple[str, str]:
    """Return the `<think>` block that a reply begins with, where a server leaves it in, and the rest.

    One that is never closed was cut off: all of it is thought, and none of it the answer.
    """
    found = _THOUGHT.match(text)
    return (found["thought"].strip(), text[found.end() :]) if found else ("", text)


def chat_usage(body: dict[str, Any]) -> Usage | None:
    """Return the tokens, each counted once, or None where the server did not say.

    `prompt_tokens` includes cached ones, `completion_tokens` includes reasoning.
    """
    used = body.get("usage")
    if not isinstance(used, dict) or "prompt_tokens" not in used:
        return None
    prompt, output = number(used, "prompt_tokens"), number(used, "completion_tokens")
    cached = min(prompt, number(used.get("prompt_tokens_details"), "cached_tokens"))
    return Usage(
        input_uncached=prompt - cached,
        input_cached=cached,
        output=output,
        reasoning=min(output, number(used.get("completion_tokens_details"), "reasoning_tokens")),
    )


def _content(message: dict[str, Any]) -> str:
    parts = items(message, "content")
    return "".join(string(part, "text") for part in parts) if parts else string(message, "content")
