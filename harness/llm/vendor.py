"""What the wires over HTTP have in common: one request through an SDK, and its errors as faults; one line, no secrets.

The two SDKs come from one generator and raise the same class names, so one adapter serves both.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from harness.config import PROVIDER_KEYS, vendor_base_url
from harness.errors import ProviderError
from harness.llm.base import Request
from harness.llm.pacing import CHARS_PER_TOKEN
from harness.llm.retry import RATE_STATUS, CallError, Fault, wait_asked_s
from harness.models import Usage

CONNECT_TIMEOUT_S = 20.0
"""Wall time of making a connection: a server that is not there is known long before a reply would be late."""
QUOTA_CODES = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_error", "billing_not_active"})
"""Codes and types of errors that no waiting mends."""
PAYMENT_STATUS = 402
QUOTA_WORDS = ("credit balance is too low", "exceeded your current quota")
"""What vendors say under other codes when an account is empty."""
STATUS_OF_TYPE = {"overloaded_error": 529, "api_error": 500, "rate_limit_error": 429, "timeout_error": 504}
"""Types of an error that comes in the middle of a stream, under status 200, and what they would be otherwise."""

GATEWAY_STATUS = frozenset({408, 502, 504, 524})
"""What somebody between us and the model says when it waits no longer, while the model may be at work."""

_UNSENT = frozenset({"ConnectError", "ConnectTimeout", "PoolTimeout", "UnsupportedProtocol", "InvalidURL"})
"""Failures of a connection before anything was sent over it."""
_KEPT_HEADERS = ("x-ratelimit-", "anthropic-ratelimit-", "retry-after", "x-should-retry")


@dataclass(frozen=True)
class Endpoint:
    """Who is asked, for messages; and what must never be in one."""

    vendor: str
    """`openai`, `anthropic` or `compatible`."""
    model: str
    """Model, without its provider."""
    key_variable: str
    """Environment variable that holds the key."""
    key: SecretStr | None = None
    """The key, taken out of whatever the server says: a proxy may echo a header."""

    usage_of: Callable[[dict[str, Any]], Usage | None] = lambda body: None
    """Reads the tokens out of a body, as a server may bill for an answer that it ends with an error."""

    @property
    def secrets(self) -> tuple[SecretStr, ...]:
        """All that is taken out of messages."""
        return () if self.key is None else (self.key,)

    async def call(
        self, send: Awaitable[Any], api_error: type[Exception], timeout_s: float
    ) -> tuple[dict[str, Any], dict[str, str]]:
        """Await a raw response of an SDK; return its JSON object, and the headers that matter.

        Raises:
            CallError: there is none.
        """
        try:
            async with asyncio.timeout(timeout_s):
                raw = await send
        except api_error as error:
            raise self.fault_of(error) from None
        except TimeoutError:
            raise self.late(timeout_s) from None
        try:
            body = json.loads(raw.http_response.content)
        except (ValueError, RecursionError):
            raise self.bad_answer("the answer is not JSON") from None
        if not isinstance(body, dict):
            raise self.bad_answer("the answer is not a JSON object")
        return body, kept_headers(raw.headers)

    def late(self, timeout_s: float) -> CallError:
        """Return the fault of an answer that did not come in time."""
        return self.bad_answer(f"no whole answer within {timeout_s:g} s")

    def bad_answer(self, what: str, usage: Usage | None = None, code: object = None) -> CallError:
        """Return the fault of an answer with a good status that is not what the protocol says. Worth another try.

        It is billed for `usage`; without it nobody knows for how much.
        """
        line = f"{self.vendor}: {scrub(what, self.secrets)} (model '{self.model}')"
        quota = code in QUOTA_CODES
        return CallError(Fault(line, usage=usage or Usage(), unmetered=usage is None and not quota, quota=quota))

    def fault_of(self, error: Exception) -> CallError:
        """Return the fault behind an `APIError` of either SDK."""
        status: int | None = getattr(error, "status_code", None)
        if status is None:
            cause = type(error.__cause__).__name__
            what = scrub(_connection_trouble(error), self.secrets)
            return CallError(Fault(f"{self.vendor}: {what} (model '{self.model}')", unmetered=cause not in _UNSENT))
        said, kinds = _said(error)
        in_stream = status < 400
        if in_stream:
            status = next((STATUS_OF_TYPE[kind] for kind in kinds if kind in STATUS_OF_TYPE), 500)
        advice = {
            401: f"the key in {self.key_variable} was refused",
            403: f"the key in {self.key_variable} may not do this",
            404: "unknown model or address",
        }.get(status)
        text = f"{self.vendor}: HTTP {status}" + (f", {advice}" if advice else "")
        headers = kept_headers(getattr(getattr(error, "response", None), "headers", {}))
        usage = self.usage_of(_whole_body(error))
        return CallError(
            Fault(
                text + (f": {scrub(said, self.secrets)}" if said else "") + f" (model '{self.model}')",
                status=status,
                retry_after_s=wait_asked_s(headers),
                final=headers.get("x-should-retry") == "false" and status != RATE_STATUS,
                quota=_is_quota(status, kinds, said),
                usage=usage or Usage(),
                unmetered=usage is None and (in_stream or status in GATEWAY_STATUS),
                headers=headers,
            )
        )


def server_address(provider: str, setting: str | None) -> str | None:
    """Return the server to ask: the setting, or the vendor's own variable, or None for the vendor's own server.

    Raises:
        ProviderError: there is a password in it, which HTTP libraries write into their logs.
    """
    address = setting or vendor_base_url(provider)
    if address is not None and "@" in urlsplit(address).netloc:
        raise ProviderError(
            f"{provider}: the server's address holds a name or a password, which would end up in logs - set "
            f"{PROVIDER_KEYS.get(provider, provider.upper() + '_API_KEY')} instead"
        )
    return address


def scrub(text: str, secrets: Sequence[SecretStr]) -> str:
    """Return `text` on one line, shortened, without `secrets`."""
    for secret in secrets:
        if secret.get_secret_value():
            text = text.replace(secret.get_secret_value(), "[key]")
    return one_line(text)


def one_line(text: str, limit: int = 300) -> str:
    """Return `text` on one line of at most `limit` characters."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def kept_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that pacing and retries read, their names in small letters."""
    lowered = {str(name).lower(): str(value) for name, value in headers.items()}
    return {name: value for name, value in lowered.items() if name.startswith(_KEPT_HEADERS)}


def number(table: object, name: str) -> int:
    """Return the count `name` of a JSON object, or 0 where there is none."""
    value = table.get(name) if isinstance(table, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def string(table: object, name: str) -> str:
    """Return the text `name` of a JSON object, or nothing."""
    value = table.get(name) if isinstance(table, dict) else None
    return value if isinstance(value, str) else ""


def items(table: object, name: str) -> list[dict[str, Any]]:
    """Return the objects in the list `name` of a JSON object."""
    value = table.get(name) if isinstance(table, dict) else None
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def estimated_usage(request: Request, *texts: str) -> Usage:
    """Return a guess at the tokens of a call whose server did not say; marked as one."""
    prompt = len(request.system) + sum(len(message.text) for message in request.messages)
    return Usage(
        input_uncached=prompt // CHARS_PER_TOKEN + 1,
        output=sum(map(len, texts)) // CHARS_PER_TOKEN + 1,
        estimated=True,
    )


def _is_quota(status: int, kinds: Sequence[str], said: str) -> bool:
    if status == PAYMENT_STATUS or not QUOTA_CODES.isdisjoint(kinds):
        return True
    return status in {400, 403, RATE_STATUS} and any(words in said.lower() for words in QUOTA_WORDS)


def _connection_trouble(error: Exception) -> str:
    cause: BaseException | None = error.__cause__
    detail = str(cause).strip() or type(cause).__name__ if cause is not None else str(error)
    kind = "no answer in time" if "Timeout" in type(error).__name__ else "no connection"
    return f"{kind}: {detail}"


def _whole_body(error: Exception) -> dict[str, Any]:
    """Return the JSON object that came with an error's status; empty where there is none."""
    try:
        body = json.loads(getattr(getattr(error, "response", None), "content", b"") or b"{}")
    except (ValueError, RecursionError, RuntimeError):  # the last one: a stream that was not read
        return {}
    return body if isinstance(body, dict) else {}


def _said(error: Exception) -> tuple[str, list[str]]:
    """Return the server's own words, and its codes: openai's `.body` is the inner error, anthropic's the envelope."""
    body: Any = getattr(error, "body", None)
    if not isinstance(body, dict):
        return (body if isinstance(body, str) else ""), []
    inner = body.get("error", body)
    if not isinstance(inner, dict):
        return (inner if isinstance(inner, str) else ""), []
    return string(inner, "message"), [value for name in ("code", "type") if (value := string(inner, name))]
