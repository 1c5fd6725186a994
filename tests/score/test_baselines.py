"""Speedups over another baseline than eager: when two measurements may be combined, and what comes out."""

import math

import pytest

from harness.models import (
    Baseline,
    BaselineForm,
    Evidence,
    Measurement,
    Speedup,
    Stage,
    Status,
    Tier,
    Verdict,
    Workload,
)
from harness.score import against, conditions_of, differences, forms_missing
from harness.score.baselines import conditions

ENVIRONMENT = {
    "cpu": "A CPU",
    "isa": "avx2",
    "cores": "2",
    "last_level_cache_mib": "32",
    "harness": "1",
    "torch": "2",
    "python": "3.11",
    "compiler": "g++ 12",
    "kernel": "6.1",
    "load_1m": "0.50",
}
WORK = Workload(problem_id="level1/23", name="Softmax", tier=Tier.CI, source="x", sha256="1" * 64)
HERE = conditions(ENVIRONMENT, WORK, threads=1, cold_cache=True)


def verdict(median: float | None, device: str = "cpu") -> Verdict:
    """A verdict from this machine, with a speedup whose interval is 10 % to either side."""
    timed = median is not None
    measured = Measurement(
        candidate_ns=[1], reference_ns=[2], candidate_worker_ns=[1], block=[0], doorbell_ns=1, threads=1
    )
    return Verdict(
        status=Status.CORRECT if timed else Status.VALUE_MISMATCH,
        stage=Stage.DONE,
        problem_id=WORK.problem_id,
        tier=WORK.tier,
        device=device,
        candidate_sha256="0" * 64,
        workload_sha256=WORK.sha256,
        evidence=Evidence(what="all right"),
        speedup=Speedup(median=median, low=median / 1.1, high=median * 1.1) if timed else None,
        measurement=measured if timed else None,
        environment=ENVIRONMENT,
    )


def baseline(**forms: BaselineForm) -> Baseline:
    """A baseline of this machine."""
    return Baseline(
        conditions=HERE,
        measured="2026-01-01T00:00Z",
        forms={name.replace("_", "-"): form for name, form in forms.items()},
    )


TWICE = BaselineForm(status=Status.CORRECT, speedup=Speedup(median=2.0, low=2.0 / 1.2, high=2.0 * 1.2), pairs=20)


def test_a_verdict_holds_under_the_conditions_of_its_machine():
    assert conditions_of(verdict(3.0)) == HERE


def test_nothing_is_compared_where_nothing_was_timed():
    assert conditions_of(verdict(None)) is None


def test_the_ratio_is_derived_and_its_interval_holds_both():
    found = against(verdict(3.0), baseline(compile=TWICE), "compile")
    assert found is not None
    assert found.speedup is not None
    assert found.speedup.median == pytest.approx(1.5)
    # Distances in the logarithm add in squares: log 1.1 of the one and log 1.2 of the other.
    wide = math.exp(math.hypot(math.log(1.1), math.log(1.2)))
    assert found.speedup.low == pytest.approx(1.5 / wide)
    assert found.speedup.high == pytest.approx(1.5 * wide)
    assert found.baseline == "compile (derived)"
    assert "3.000 over eager" in found.notes[-1]
    assert found.measurement == verdict(3.0).measurement


def test_no_ratio_without_two_times():
    assert against(verdict(3.0), baseline(compile=TWICE), "max-autotune") is None
    refused = BaselineForm(status=Status.NO_CODE, reason="a graph breaks")
    assert against(verdict(3.0), baseline(compile=refused), "compile") is None
    assert against(verdict(None), baseline(compile=TWICE), "compile") is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"threads": 2}, "threads 1 -> 2"),
        ({"cold_cache": False}, "cold_cache True -> False"),
        ({"workload_sha256": "2" * 64}, "the workload"),
        ({"versions": {**HERE.versions, "torch": "3"}}, "torch 2 -> 3"),
        ({"versions": {**HERE.versions, "compiler": "g++ 13"}}, "compiler g++ 12 -> g++ 13"),
        ({"device": {**HERE.device, "isa": "avx512f"}}, "isa avx2 -> avx512f"),
    ],
)
def test_each_condition_counts_and_is_named(change: dict[str, object], said: str):
    assert differences(HERE, HERE.model_copy(update=change)) == [said]


def test_load_and_release_of_the_system_are_no_conditions():
    other = {**ENVIRONMENT, "load_1m": "7.00", "kernel": "6.2"}
    assert differences(HERE, conditions(other, WORK, threads=1, cold_cache=True)) == []


def test_what_was_too_noisy_is_measured_again_and_what_is_refused_is_not():
    noisy = BaselineForm(status=Status.INCONCLUSIVE, reason="noise")
    refused = BaselineForm(status=Status.NO_CODE, reason="a graph breaks")
    held = baseline(eager=noisy, compile=refused, max_autotune=TWICE)
    assert forms_missing(held, ("eager", "compile", "max-autotune")) == ["eager"]
    assert forms_missing(None, ("eager",)) == ["eager"]
    assert forms_missing(baseline(compile=TWICE), ("eager", "compile")) == ["eager"]
