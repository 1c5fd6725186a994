"""The one retry layer: few tries, full jitter, `Retry-After` obeyed up to a cap.

The SDKs' own retries are off, because one of them sleeps for as long as a server says.
Full jitter: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from harness.errors import ProviderError

T = TypeVar("T")

RETRIED_STATUS = frozenset({408, 409, 429})
"""Besides these every status from 500 is retried, and a connection that failed."""


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
    """Whether trying again is pointless whatever the status says, as with an exhausted quota."""

    @property
    def retryable(self) -> bool:
        """Whether another try may succeed."""
        return not self.final and (self.status is None or self.status in RETRIED_STATUS or self.status >= 500)


class CallError(Exception):
    """Carries a fault from a vendor's adapter to the retry layer; never leaves this room."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


@dataclass(frozen=True)
class RetryPolicy:
    """How often and how patiently a call is tried."""

    tries: int = 3
    """Calls in all."""
    base_s: float = 1.0
    """Longest wait after the first failure; doubles with each further one."""
    cap_s: float = 60.0
    """Longest wait of all, `Retry-After` included."""
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    """Waits that many seconds."""
    uniform: Callable[[float, float], float] = random.uniform
    """Draws a number between two others."""

    def delay_s(self, failures: int, retry_after_s: float | None) -> float:
        """Return how long to wait after that many failures."""
        jittered = self.uniform(0.0, min(self.cap_s, self.base_s * 2 ** (failures - 1)))
        return min(self.cap_s, max(jittered, retry_after_s or 0.0))

    async def run(self, call: Callable[[], Awaitable[T]]) -> T:
        """Return what `call` returns.

        Raises:
            ProviderError: it raised `CallError` with a final fault, or at every try.
        """
        for failures in range(1, self.tries + 1):
            try:
                return await call()
            except CallError as failed:
                fault = failed.fault
                if not fault.retryable:
                    raise ProviderError(fault.message) from None
                if failures == self.tries:
                    raise ProviderError(f"{fault.message} ({self.tries} tries; `harness resume` goes on)") from None
            await self.sleep(self.delay_s(failures, fault.retry_after_s))
        raise ValueError("a retry policy needs at least one try")


def retry_after_s(header: str | None, now: datetime | None = None) -> float | None:
    """Return the seconds that a `Retry-After` header asks for (RFC 9110 section 10.2.3), or None if it says nothing."""
    if not header:
        return None
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())
