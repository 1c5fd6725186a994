"""A cold measurement has a warm reading beside it; a warm one has none. On a real judge, with real kernels."""

import random
from collections.abc import Iterator

import pytest

from harness.cli.describe import describe
from harness.config import Settings
from harness.judge import Judge
from harness.judge.plan import WARM_PAIRS, Call, CallKind, warm
from harness.judge.timing import warm_reading
from harness.models import EvalOptions, Status, Tier, Verdict
from harness.suite import load_problem
from tests.candidates import candidate, python

OPTIONS = EvalOptions(tier=Tier.CI, min_pairs=3, max_pairs=5, timing_budget_s=1.0)
"""One block: enough to see what is recorded, too few for an interval to rely on."""
WRONG_LATER = """
self.calls += 1
y = torch.softmax(x, 1)
return y if self.calls < 30 else y + 1e-3
"""
"""The calls before the warm ones are at most 25: 3 to warm up, 10 probes, 5 pairs, 1 changed element asked 3 times more."""


@pytest.fixture(scope="module")
def cold() -> Iterator[Judge]:
    with Judge(OPTIONS, Settings.load().cache_dir) as judge:
        yield judge


def judged(judge: Judge, source: str) -> Verdict:
    return judge.evaluate(load_problem("level1/23"), candidate(source))


def test_a_cold_verdict_carries_a_warm_reading_and_the_machine(cold: Judge) -> None:
    verdict = judged(cold, python("return torch.softmax(x, dim=1)"))
    assert verdict.status in (Status.CORRECT, Status.INCONCLUSIVE), verdict.evidence
    found = verdict.measurement
    assert found is not None
    assert found.warm is not None
    assert found.cold_cache
    assert len(found.warm.candidate_ns) == len(found.warm.reference_ns) >= WARM_PAIRS.start - 1
    assert found.warm.ratio > 0
    assert len(found.candidate_ns) == 5, "warm pairs are not among the counted ones"
    assert found.cores == list(cold.machine.timing_cores)
    assert found.before is not None
    assert found.after is not None
    # Every pair was compared: counted, warm (the first one left out), and the calls that are neither.
    assert verdict.calls_compared > len(found.candidate_ns) + len(found.warm.candidate_ns)
    assert verdict.stage_ns["candidate_calls"] > sum(found.candidate_ns)
    assert verdict.stage_ns["reference_calls"] > sum(found.reference_ns)


def test_with_warm_caches_there_is_nothing_beside(cold: Judge) -> None:
    with Judge(OPTIONS.model_copy(update={"cold_cache": False}), Settings.load().cache_dir) as judge:
        found = judged(judge, python("return torch.softmax(x, dim=1)")).measurement
    assert found is not None
    assert not found.cold_cache
    assert found.warm is None


def test_a_warm_call_that_is_wrong_is_wrong(cold: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is timed is checked: a kernel that is right only as often as it expects to be asked."""
    monkeypatch.setattr("harness.judge.plan.warm", lambda *_: [Call(CallKind.WARM)] * 30)
    verdict = judged(cold, python(WRONG_LATER, init="self.calls = 0"))
    assert verdict.status is Status.VALUE_MISMATCH, verdict.evidence
    assert verdict.speedup is None


@pytest.mark.parametrize(("calls", "pairs"), [(0, 3), (20, 3), (44, 4), (60, 6), (1000, 6)])
def test_warm_pairs_are_a_tenth_of_the_calls(calls: int, pairs: int) -> None:
    planned = warm(random.Random(1), calls)
    assert [call.kind for call in planned] == [CallKind.WARM] * pairs
    assert abs(2 * sum(call.reference_first for call in planned) - pairs) <= 1


def test_the_first_warm_pair_is_left_out() -> None:
    found = warm_reading([9_000, 200, 300, 500], [3_000, 100, 100, 100])
    assert found is not None
    assert (found.reference_ns, found.candidate_ns, found.ratio) == ([200, 300, 500], [100, 100, 100], 3.0)
    assert warm_reading([9_000], [3_000]) is None
    assert warm_reading([], []) is None


def test_people_are_shown_both(cold: Judge) -> None:
    verdict = judged(cold, python("return torch.softmax(x, dim=1)"))
    assert verdict.measurement is not None
    assert verdict.measurement.warm is not None
    assert f"warm caches {verdict.measurement.warm.ratio:.3f} in " in describe(verdict)
