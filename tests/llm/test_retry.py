"""The retry layer's arithmetic; its behaviour on the wire is in test_vendors."""

import asyncio
from datetime import UTC, datetime

import pytest

from harness.llm import CallFailed, QuotaExhausted
from harness.llm.retry import CallError, Fault, RetryPolicy, retry_after_s, wait_asked_s
from harness.models import Usage
from tests.llm.support import FakeTime

NOW = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("0.5", 0.5),
        ("-3", 0.0),
        ("nan", None),
        ("Thu, 01 Jan 2026 12:01:00 GMT", 60.0),
        ("Thu, 01 Jan 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after(header: str | None, seconds: float | None):
    assert retry_after_s(header, NOW) == seconds


def test_milliseconds_come_before_seconds():
    assert wait_asked_s({"retry-after": "9", "retry-after-ms": "1500"}) == 1.5
    assert wait_asked_s({"retry-after": "9", "retry-after-ms": "soon"}) == 9.0
    assert wait_asked_s({}) is None


@pytest.mark.parametrize("status", [None, 408, 409, 429, 500, 503, 529])
def test_passing_faults_are_retried(status: int | None):
    assert Fault("x", status).retryable
    assert not Fault("x", status, quota=True).retryable


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
def test_lasting_faults_are_not(status: int):
    assert not Fault("x", status).retryable


def test_jitter_is_full_and_waits_are_capped():
    drawn: list[tuple[float, float]] = []

    def uniform(low: float, high: float) -> float:
        drawn.append((low, high))
        return low

    policy = RetryPolicy(base_s=1, cap_s=5, uniform=uniform)
    assert [policy.delay_s(failures, None) for failures in (1, 2, 3, 4, 5000)] == [0] * 5
    assert drawn == [(0, 1), (0, 2), (0, 4), (0, 5), (0, 5)]
    assert policy.delay_s(1, 3.0) == 3.0
    assert policy.delay_s(1, 900.0) == 5.0


def run(faults: list[Fault], **changes: object) -> tuple[list[float], list[float]]:
    """Let a call fail as told and then succeed; return what was slept and the time that each try was given."""
    time, given = FakeTime(), list[float]()

    async def call(seconds: float) -> str:
        given.append(seconds)
        time.at += 10  # each try takes ten seconds
        if len(given) <= len(faults):
            raise CallError(faults[len(given) - 1])
        return "done"

    policy = time.policy(**changes)
    assert asyncio.run(policy.run(call, timeout_s=60)).value == "done"
    return time.slept, given


def test_rate_limits_do_not_use_up_the_tries():
    slept, given = run([Fault("slow", 429)] * 10 + [Fault("down", 500)] * 2, tries=3)
    assert len(given) == 13
    assert slept == [1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 1, 2]


def test_the_last_try_is_given_what_the_deadline_leaves():
    _, given = run([Fault("down", 500)], deadline_s=36)
    assert given == [36, 25]  # 10 s in the first try, 1 s of waiting
    with pytest.raises(CallFailed, match="no answer within 21 s"):
        run([Fault("down", 500)] * 2, deadline_s=21)


@pytest.mark.parametrize(("fault", "calls"), [(Fault("down"), 5), (Fault("slow", 429), 7), (Fault("bad", 400), 1)])
def test_a_policy_gives_up_after_its_tries(fault: Fault, calls: int):
    with pytest.raises(CallFailed, match=fault.message) as caught:
        run([fault] * 100, tries=5, rate_tries=7, deadline_s=1e9)
    assert caught.value.calls == calls


def test_an_empty_account_is_told_apart():
    with pytest.raises(QuotaExhausted) as caught:
        run([Fault("down", 500, usage=Usage(output=3), unmetered=True), Fault("empty", 429, quota=True)])
    assert (caught.value.calls, caught.value.unmetered, caught.value.usage.output) == (2, 1, 3)
