"""Feedback: every class of verdict has one, it is bounded, and it keeps what must stay secret."""

import pytest

from harness.models import Evidence, Status, Verdict
from harness.search.feedback import FACT_CHARS, LOG_CHARS, clip, feedback
from tests.fakes import make_verdict

SOURCE = "\n".join(f"line {number} of the kernel" for number in range(1, 40))


def with_evidence(status: Status, **fields: str) -> Verdict:
    return make_verdict(status).model_copy(update={"evidence": Evidence(**{"what": "something", **fields})})


@pytest.mark.parametrize("status", list(Status))
def test_every_status_has_bounded_feedback(status: Status):
    long = "x" * 100_000
    verdict = with_evidence(status, what=long, where=long, expected=long, got=long, log=long)
    told = feedback(verdict, SOURCE)
    assert told.advice
    texts = [told.headline, told.log, told.excerpt, told.advice, *(value for _, value in told.facts)]
    # Each cut leaves a remark of some 40 characters behind.
    assert sum(map(len, texts)) <= LOG_CHARS + 4 * FACT_CHARS + 400


def test_a_build_error_shows_the_line_and_both_ends_of_the_log():
    log = "first error\n" + "noise\n" * 5_000 + "last words"
    told = feedback(with_evidence(Status.BUILD_ERROR, where="candidate line 12, column 3", log=log), SOURCE)
    assert "> " + "  12 | line 12 of the kernel" in told.excerpt
    assert "line 10 of" in told.excerpt
    assert "line 15 of" not in told.excerpt
    assert told.log.startswith("first error")
    assert told.log.endswith("last words")


def test_a_mismatch_shows_values_and_no_log():
    verdict = with_evidence(Status.VALUE_MISMATCH, where="output 0 at [3, 7]", expected="0.25", got="0", log="secret")
    told = feedback(verdict, SOURCE)
    assert dict(told.facts) == {"where": "output 0 at [3, 7]", "expected": "0.25", "got": "0"}
    assert told.log == ""


def test_how_a_violation_was_detected_is_not_told():
    verdict = with_evidence(
        Status.INTEGRITY_VIOLATION, what="the output was not computed in time", expected="under 1 ms", got="3 ms"
    )
    told = feedback(verdict, SOURCE)
    assert told.headline == "the output was not computed in time"
    assert not told.facts


@pytest.mark.parametrize(
    ("speed", "low", "high", "said"),
    [(1.5, 1.4, 1.6, "1.50 times as fast"), (0.5, 0.4, 0.6, "slower"), (1.02, 0.98, 1.06, "about as fast")],
)
def test_speed_is_told_as_far_as_its_interval_allows(speed: float, low: float, high: float, said: str):
    told = feedback(make_verdict(Status.CORRECT, speed, low, high), SOURCE)
    assert said in told.headline
    assert dict(told.facts)["your time"] == "1.000 ms"


def test_clip_keeps_short_text():
    assert clip("  short ", 10) == "short"
