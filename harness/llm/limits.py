"""Rate limits as the vendors' headers state them, in one form. Pure.

OpenAI: `x-ratelimit-{limit,remaining,reset}-{requests,tokens}`, the reset a duration such as `6m0s`. Anthropic:
`anthropic-ratelimit-{requests,tokens,input-tokens,output-tokens}-{limit,remaining,reset}`, the reset a time of RFC 3339.
Local servers send none.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

KINDS = ("requests", "tokens", "input-tokens", "output-tokens")
"""What is limited."""

_UNIT_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|[smhd])")


@dataclass(frozen=True)
class Limit:
    """One limit at one moment."""

    capacity: int
    """Most that there is to spend at once."""
    remaining: int
    """What is left of it."""
    reset_s: float | None = None
    """Seconds until all of it is there again; null where the vendor does not say."""


def parse_limits(headers: Mapping[str, str], now: datetime | None = None) -> dict[str, Limit]:
    """Return what `headers` (names in small letters) say about each of `KINDS`; what cannot be read is left out."""
    found = {}
    for kind in KINDS:
        for name in ("x-ratelimit-{}-" + kind, f"anthropic-ratelimit-{kind}-{{}}"):
            capacity, remaining = (_count(headers.get(name.format(word))) for word in ("limit", "remaining"))
            if capacity and remaining is not None:
                reset_s = seconds_until(headers.get(name.format("reset")), now)
                found[kind] = Limit(capacity, min(remaining, capacity), reset_s)
    return found


def seconds_until(reset: str | None, now: datetime | None = None) -> float | None:
    """Return how long until `reset`, a duration (`1m30.5s`, `20ms`) or a time (`2026-11-22T12:00:00Z`), or None."""
    if not reset:
        return None
    parts = _PART.findall(reset)
    if parts and "".join(number + unit for number, unit in parts) == reset:
        return sum(float(number) * _UNIT_S[unit] for number, unit in parts)
    try:
        moment = datetime.fromisoformat(reset)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())


def _count(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 16 else None
