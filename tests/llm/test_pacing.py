"""Rate limits: what the headers say, and how long the next call waits for them."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from harness.llm.limits import Limit, parse_limits, seconds_until
from harness.llm.pacing import Pacer, needs_of
from tests.llm.support import REQUEST, FakeTime

NOW = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("reset", "seconds"),
    [
        ("6m0s", 360.0),
        ("1h2m3.5s", 3723.5),
        ("20ms", 0.02),
        ("1s", 1.0),
        ("2026-01-01T12:00:30Z", 30.0),
        ("2026-01-01T13:00:30+01:00", 30.0),
        ("2026-01-01T11:00:00Z", 0.0),
        ("12", None),
        ("s", None),
        ("", None),
        (None, None),
    ],
)
def test_resets(reset: str | None, seconds: float | None):
    assert seconds_until(reset, NOW) == seconds


def test_both_vendors_headers_in_one_form():
    openai = {
        "x-ratelimit-limit-requests": "500",
        "x-ratelimit-remaining-requests": "499",
        "x-ratelimit-reset-requests": "120ms",
        "x-ratelimit-limit-tokens": "30000",
        "x-ratelimit-remaining-tokens": "12000",
        "x-ratelimit-reset-tokens": "36s",
    }
    assert parse_limits(openai) == {"requests": Limit(500, 499, 0.12), "tokens": Limit(30000, 12000, 36.0)}
    anthropic = {
        "anthropic-ratelimit-requests-limit": "50",
        "anthropic-ratelimit-requests-remaining": "49",
        "anthropic-ratelimit-requests-reset": "2026-01-01T12:00:01Z",
        "anthropic-ratelimit-input-tokens-limit": "40000",
        "anthropic-ratelimit-input-tokens-remaining": "0",
        "anthropic-ratelimit-input-tokens-reset": "2026-01-01T12:01:00Z",
        "anthropic-ratelimit-output-tokens-limit": "many",
        "anthropic-ratelimit-output-tokens-remaining": "1",
    }
    assert parse_limits(anthropic, NOW) == {"requests": Limit(50, 49, 1.0), "input-tokens": Limit(40000, 0, 60.0)}
    assert parse_limits({"x-ratelimit-limit-requests": "0", "x-ratelimit-remaining-requests": "0"}) == {}


def headers(**kinds: tuple[int, int, str]) -> dict[str, str]:
    found = {}
    for kind, (limit, remaining, reset) in kinds.items():
        found |= {
            f"x-ratelimit-limit-{kind}": str(limit),
            f"x-ratelimit-remaining-{kind}": str(remaining),
            f"x-ratelimit-reset-{kind}": reset,
        }
    return found


def paced(said: dict[str, str], needs: dict[str, int], calls: int) -> list[float]:
    """Let one call learn `said`, then admit `calls` more at once; return the moments at which they were let through."""
    time, moments = FakeTime(), list[float]()

    async def main() -> None:
        pacer = Pacer(time.clock)
        await pacer.admit(needs)
        pacer.settle(needs, said)

        async def one() -> None:
            await pacer.admit(needs)
            moments.append(time.at)

        await asyncio.gather(*(one() for _ in range(calls)))

    asyncio.run(main())
    return moments


def test_without_headers_nothing_waits():
    assert paced({}, {"requests": 1}, 50) == [0.0] * 50


def test_requests_flow_at_the_rate_that_was_stated():
    # 60 a minute, 3 left, 57 used and back in 57 s: three at once, then one a second.
    assert paced(headers(requests=(60, 3, "57s")), {"requests": 1}, 6) == pytest.approx([0, 0, 0, 1, 2, 3])


def test_a_call_that_is_larger_than_the_bucket_waits_for_a_full_one():
    assert paced(headers(tokens=(1000, 0, "10s")), {"tokens": 5000}, 1) == pytest.approx([10.0])


def test_calls_on_their_way_are_counted():
    time = FakeTime()

    async def main() -> None:
        pacer = Pacer(time.clock)
        for _ in range(3):
            await pacer.admit({"requests": 1})
        # One of three is back. What the vendor says is left may or may not include the other two: nothing is left.
        pacer.settle({"requests": 1}, headers(requests=(60, 2, "58s")))
        await pacer.admit({"requests": 1})

    asyncio.run(main())
    assert time.at == pytest.approx(1.0)


def test_a_pause_holds_for_all():
    time = FakeTime()

    async def main() -> None:
        pacer = Pacer(time.clock)
        pacer.pause(90)
        await pacer.admit({"requests": 1})
        assert pacer.waited_s == 90

    asyncio.run(main())
    assert time.slept == [60, 30]


def test_what_a_request_takes():
    needs = needs_of(replace(REQUEST, system="s" * 396, messages=(), max_output_tokens=1000))
    assert needs == {"requests": 1, "tokens": 1100, "input-tokens": 100, "output-tokens": 1}
