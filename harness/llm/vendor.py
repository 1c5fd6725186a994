"""What both vendors' SDKs have in common: their errors, turned into faults; one line each, no secrets.

The two SDKs come from one generator and raise the same class names, so one adapter serves both.
"""

from typing import Any

from harness.llm.retry import CallError, Fault, retry_after_s

QUOTA_CODES = frozenset({"insufficient_quota", "billing_hard_limit_reached"})
"""Codes under status 429 that no waiting mends."""


def fault_of(error: Exception, *, vendor: str, key_variable: str, model: str, secret: str | None) -> CallError:
    """Return the fault behind an `APIError` of either SDK.

    `secret` is taken out of whatever the server said: a proxy may echo a header.
    """
    status: int | None = getattr(error, "status_code", None)
    if status is None:
        return CallError(Fault(f"{vendor}: {_connection_trouble(error)} (model '{model}')"))
    said = _message(error)
    if secret:
        said = said.replace(secret, "[key]")
    final = getattr(error, "code", None) in QUOTA_CODES
    advice = {
        401: f"the key in {key_variable} was refused",
        403: f"the key in {key_variable} may not do this",
        404: "unknown model or address",
    }.get(status)
    text = f"{vendor}: HTTP {status}" + (f", {advice}" if advice else "") + (f": {said}" if said else "")
    headers = getattr(getattr(error, "response", None), "headers", {})
    return CallError(
        Fault(
            f"{text} (model '{model}')",
            status=status,
            retry_after_s=retry_after_s(headers.get("retry-after")),
            final=final,
        )
    )


def bad_answer(vendor: str, model: str, what: str) -> CallError:
    """Return the fault of an answer with a good status that is not what the protocol says. Worth another try."""
    return CallError(Fault(f"{vendor}: {what} (model '{model}')"))


def _connection_trouble(error: Exception) -> str:
    cause: BaseException | None = error.__cause__
    detail = str(cause).strip() or type(cause).__name__ if cause is not None else str(error)
    kind = "no answer in time" if "Timeout" in type(error).__name__ else "no connection"
    return f"{kind}: {_one_line(detail)}"


def _message(error: Exception) -> str:
    """Return the server's own words: openai's `.body` is the inner error object, anthropic's the whole envelope."""
    body: Any = getattr(error, "body", None)
    if isinstance(body, dict):
        inner = body.get("error", body)
        body = inner.get("message") if isinstance(inner, dict) else inner
    return _one_line(body) if isinstance(body, str) else ""


def _one_line(text: str, limit: int = 300) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
