"""The one retry layer: few tries, full jitter, `Retry-After` obeyed up to a cap, a deadline over all of it.

The SDKs' own retries are off, because one of them sleeps for as long as a server says.
Full jitter: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Generic, TypeVar

from harness.llm.base import CallFailed, QuotaExhausted
from harness.models import Usage

T = TypeVar("T")

RETRIED_STATUS = frozenset({408, 409, 429})
"""Besides these every status from 500 is retried, and a connection that failed."""
RATE_STATUS = 429


@dataclass(frozen=True)
class Clock:
    """Time as the retry layer and the pacer see it."""

    now: Callable[[], float] = time.monotonic
    """Seconds since some moment."""
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    """Waits that many seconds."""


@dataclass(frozen=True)
class Fault:
    """Why one try failed, in the vendor's words but not in the vendor's types."""

    message: str
    """One line for people, without secrets."""
    status: int | None = None
    """HTTP status; null where there was no answer."""
    retry_after_s: float | None = None
    """What the server asked for."""
    final: bool = False
    """Whether trying again is pointless whatever the status says."""
    quota: bool = False
    """Whether the account is empty, which no waiting mends."""
    usage: Usage = field(default_factory=Usage)
    """Tokens that are billed although the try failed, where the vendor said so."""
    unmetered: bool = False
    """Whether the try may be billed without anyone having said for how much: the model was at work when it ended."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Headers of the answer, in small letters; rate limits are in them."""

    @property
    def retryable(self) -> bool:
        """Whether another try may succeed."""
        if self.final or self.quota:
            return False
        return self.status is None or self.status in RETRIED_STATUS or self.status >= 500

    @property
    def rate(self) -> bool:
        """Whether this is only a matter of waiting."""
        return self.status == RATE_STATUS and not self.quota


class CallError(Exception):
    """Carries a fault from a vendor's adapter to the retry layer; never leaves this room."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


@dataclass(frozen=True)
class Bought(Generic[T]):
    """A result, and what the tries before it cost."""

    value: T
    """The result."""
    failures: int
    """Tries before it."""
    usage: Usage
    """Tokens that those are billed for, as far as the vendor said."""
    unmetered: int
    """How many of them may be billed without anyone having said for how much."""


async def _at_once() -> None:
    pass


@dataclass(frozen=True)
class RetryPolicy:
    """How often and how patiently a call is tried."""

    tries: int = 3
    """Calls in all, those that met a rate limit not counted."""
    rate_tries: int = 30
    """Calls in all where each meets a rate limit: waiting is all that it takes, but not for ever."""
    base_s: float = 1.0
    """Longest wait after the first failure; doubles with each further one."""
    cap_s: float = 60.0
    """Longest wait of all, `Retry-After` included."""
    deadline_s: float = 1800.0
    """Wall time of all tries and the waits between them."""
    clock: Clock = field(default_factory=Clock)
    """Time."""
    uniform: Callable[[float, float], float] = random.uniform
    """Draws a number between two others."""

    def delay_s(self, failures: int, retry_after_s: float | None) -> float:
        """Return how long to wait after that many failures."""
        jittered = self.uniform(0.0, min(self.cap_s, self.base_s * 2 ** min(failures - 1, 30)))
        return min(self.cap_s, max(jittered, retry_after_s or 0.0))

    async def run(
        self,
        call: Callable[[float], Awaitable[T]],
        timeout_s: float = float("inf"),
        admit: Callable[[], Awaitable[None]] = _at_once,
        failed: Callable[[Fault, float], None] = lambda fault, delay_s: None,
        may_go_on: Callable[[Fault, bool], bool] = lambda fault, last: True,
    ) -> Bought[T]:
        """Return what `call` returns; it is told how many seconds it has, at most `timeout_s`.

        `admit` is awaited before each try, and its time is not counted: a queue is nobody's failure. `failed` is told of
        each fault and of the wait that follows (0 for the last one). `may_go_on` is told of each fault before that, and
        whether it is the last one, and says whether another try may be made.

        Raises:
            QuotaExhausted: the account is empty.
            CallFailed: `call` raised `CallError` with a final fault, at every try, or until the deadline.
        """
        spent_s, usage, unmetered, limited, failures = 0.0, Usage(), 0, 0, 0
        while True:
            await admit()
            began = self.clock.now()
            try:
                value = await call(min(timeout_s, max(0.001, self.deadline_s - spent_s)))
            except CallError as raised:
                fault = raised.fault
            else:
                return Bought(value, failures + limited, usage, unmetered)
            spent_s += self.clock.now() - began
            usage, unmetered = usage + fault.usage, unmetered + fault.unmetered
            limited, failures = limited + fault.rate, failures + (not fault.rate)
            delay_s = self.delay_s(limited if fault.rate else failures, fault.retry_after_s)
            over = self._over(fault, failures, limited, spent_s + delay_s)
            if not may_go_on(fault, over is not None) and over is None:
                over = " (another try is not allowed)"
            failed(fault, 0.0 if over is not None else delay_s)
            if over is not None:
                kind = QuotaExhausted if fault.quota else CallFailed
                raise kind(fault.message + over, failures + limited, usage, unmetered)
            spent_s += delay_s
            await self.clock.sleep(delay_s)

    def _over(self, fault: Fault, failures: int, limited: int, spent_s: float) -> str | None:
        """Return None where another try is worth it, and otherwise what there is to add to the fault's message."""
        if fault.quota:
            return " - no quota left: see to the account, then `harness resume` goes on"
        if not fault.retryable:
            return ""
        if failures >= self.tries or limited >= self.rate_tries:
            return f" ({failures + limited} tries; `harness resume` goes on)"
        if spent_s >= self.deadline_s:
            return (
                f" (no answer within {self.deadline_s:g} s; reply_deadline_s is the setting; `harness resume` goes on)"
            )
        return None


def retry_after_s(header: str | None, now: datetime | None = None) -> float | None:
    """Return the seconds that a `Retry-After` header asks for (RFC 9110 section 10.2.3), or None if it says nothing."""
    if not header:
        return None
    try:
        seconds = float(header)
    except ValueError:
        pass
    else:
        return max(0.0, seconds) if seconds == seconds else None
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())


def wait_asked_s(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a reply's headers ask to wait: `retry-after-ms` (OpenAI's own) before `retry-after`."""
    try:
        return max(0.0, float(headers["retry-after-ms"]) / 1000)
    except (KeyError, ValueError):
        return retry_after_s(headers.get("retry-after"))
