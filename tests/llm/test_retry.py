"""The retry layer's arithmetic; its behaviour on the wire is in test_vendors."""

import asyncio
from datetime import UTC, datetime

import pytest

from harness.errors import ProviderError
from harness.llm.retry import CallError, Fault, RetryPolicy, retry_after_s

NOW = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("0.5", 0.5),
        ("-3", 0.0),
        ("Thu, 01 Jan 2026 12:01:00 GMT", 60.0),
        ("Thu, 01 Jan 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after(header: str | None, seconds: float | None):
    assert retry_after_s(header, NOW) == seconds


@pytest.mark.parametrize("status", [None, 408, 409, 429, 500, 503, 529])
def test_passing_faults_are_retried(status: int | None):
    assert Fault("x", status).retryable


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
def test_lasting_faults_are_not(status: int):
    assert not Fault("x", status).retryable


def test_jitter_is_full_and_waits_are_capped():
    drawn: list[tuple[float, float]] = []

    def uniform(low: float, high: float) -> float:
        drawn.append((low, high))
        return low

    policy = RetryPolicy(base_s=1, cap_s=5, uniform=uniform)
    assert [policy.delay_s(failures, None) for failures in (1, 2, 3, 4)] == [0, 0, 0, 0]
    assert drawn == [(0, 1), (0, 2), (0, 4), (0, 5)]
    assert policy.delay_s(1, 3.0) == 3.0
    assert policy.delay_s(1, 900.0) == 5.0


def test_a_policy_gives_up_after_its_tries():
    calls = 0

    async def fail() -> None:
        nonlocal calls
        calls += 1
        raise CallError(Fault("down"))

    async def at_once(_: float) -> None:
        pass

    with pytest.raises(ProviderError, match="down"):
        asyncio.run(RetryPolicy(tries=5, sleep=at_once).run(fail))
    assert calls == 5
