"""The pacer: token buckets, filled as the vendor's rate-limit headers say, shared by all calls to one model.

A call that would be refused waits here instead. Without headers nothing is held back.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.llm.base import Request
from harness.llm.limits import Limit, parse_limits
from harness.llm.retry import Clock

WINDOW_S = 60.0
"""Both vendors state limits per minute; a bucket fills in that time where its reset is not stated."""
LONGEST_NAP_S = 60.0
"""After which the buckets are looked at again, whatever they said before."""
CHARS_PER_TOKEN = 4
"""Rough length of a token of English and code; only for estimates."""


def needs_of(request: Request) -> dict[str, int]:
    """Return what `request` takes out of each bucket.

    Of `tokens` it takes all that the reply may have, as vendors count it. Of `output-tokens` only what is really written
    counts, and that is known afterwards: it goes as long as anything is left.
    """
    text = len(request.system) + sum(len(message.text) for message in request.messages)
    prompt = text // CHARS_PER_TOKEN + 1
    return {
        "requests": 1,
        "tokens": prompt + request.max_output_tokens,
        "input-tokens": prompt,
        "output-tokens": 1,
    }


@dataclass
class Bucket:
    """One limit: it holds up to `capacity` and fills by `rate` a second."""

    capacity: float
    """Most that it holds."""
    level: float
    """What was in it at `since`."""
    rate: float
    """What flows in, per second."""
    since: float
    """Moment of `level`, in the clock's seconds."""

    def wait_s(self, need: float, now: float) -> float:
        """Return the seconds until `need` is there; more than the whole bucket is never waited for."""
        missing = min(need, self.capacity) - self._level(now)
        return max(0.0, missing / self.rate)

    def take(self, need: float, now: float) -> None:
        """Take `need` out; the level may fall below nothing."""
        self.level, self.since = self._level(now) - need, now

    def _level(self, now: float) -> float:
        return min(self.capacity, self.level + max(0.0, now - self.since) * self.rate)


@dataclass
class Pacer:
    """Lets calls through, first come first served, no faster than the vendor said it would take them."""

    clock: Clock = field(default_factory=Clock)
    """Time."""
    waited_s: float = 0.0
    """Seconds that calls were held back, in all."""
    _buckets: dict[str, Bucket] = field(default_factory=dict)
    _outstanding: dict[str, int] = field(default_factory=dict)
    _paused_until: float = 0.0
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def admit(self, needs: Mapping[str, int]) -> None:
        """Return when a call that takes `needs` may be sent; `settle` has to follow."""
        async with self._turn:
            while (wait_s := self._wait_s(needs)) > 0:
                nap_s = min(wait_s, LONGEST_NAP_S)
                self.waited_s += nap_s
                await self.clock.sleep(nap_s)
            now = self.clock.now()
            for kind, need in needs.items():
                self._outstanding[kind] = self._outstanding.get(kind, 0) + need
                if kind in self._buckets:
                    self._buckets[kind].take(need, now)

    def settle(self, needs: Mapping[str, int], headers: Mapping[str, str]) -> None:
        """Take note that an admitted call is over, and of what the vendor said of its limits."""
        for kind, need in needs.items():
            self._outstanding[kind] -= need
        for kind, limit in parse_limits(headers).items():
            self._buckets[kind] = self._bucket(kind, limit)

    def pause(self, seconds: float) -> None:
        """Let nothing through for that long: what one call was told to wait holds for all of them."""
        self._paused_until = max(self._paused_until, self.clock.now() + seconds)

    def _bucket(self, kind: str, limit: Limit) -> Bucket:
        used = limit.capacity - limit.remaining
        rate = used / limit.reset_s if used and limit.reset_s else limit.capacity / WINDOW_S
        # Calls on their way may or may not be in what the vendor says is left; to count them is safe, and soon put right.
        level = limit.remaining - self._outstanding.get(kind, 0)
        return Bucket(capacity=limit.capacity, level=level, rate=rate, since=self.clock.now())

    def _wait_s(self, needs: Mapping[str, int]) -> float:
        now = self.clock.now()
        waits = [self._buckets[kind].wait_s(need, now) for kind, need in needs.items() if kind in self._buckets]
        return max([self._paused_until - now, *waits])
