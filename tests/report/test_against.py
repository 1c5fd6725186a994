"""Beside a verdict: what it comes to over torch.compile, where a baseline is held under exactly its conditions."""

from pathlib import Path

from harness.report.against import lines
from harness.store.baselines import BaselineStore
from tests.score.test_baselines import HERE, TWICE, baseline, verdict


def test_a_verdict_is_compared_with_what_is_held(tmp_path: Path):
    store = BaselineStore(tmp_path)
    store.write(baseline(compile=TWICE, eager=TWICE))
    (only,) = lines(verdict(3.0), store)  # eager is what the headline is over; max-autotune was not measured
    assert "vs compile 1.500 [" in only
    assert "derived" in only
    assert list(lines(verdict(None), store)) == []


def test_nothing_is_said_under_other_conditions(tmp_path: Path):
    store = BaselineStore(tmp_path)
    other = baseline(compile=TWICE).model_copy(
        update={"conditions": HERE.model_copy(update={"versions": {**HERE.versions, "torch": "3"}})}
    )
    store.write(other)
    assert list(lines(verdict(3.0), store)) == []
