"""Kernels that cheat: none is credited, and each is told why in words that fit what it did.

Every file in `kernels/` names its class in the catalogue of reward hacks. What is asserted is the cause, not the fixture.
"""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.config import Settings
from harness.judge import Judge
from harness.judge.oracle import PUBLISHED_PROBES
from harness.judge.plan import Call, CallKind
from harness.judge.variations import VARIATIONS
from harness.models import EvalOptions, Status, Tier, Verdict
from harness.suite import content_root, load_problem
from tests.candidates import candidate

KERNELS = Path(__file__).parent / "kernels"
WRONG = {Status.VALUE_MISMATCH, Status.NONFINITE, Status.NONDETERMINISTIC}
EXPECTED: dict[str, tuple[set[Status], str]] = {
    "patch_allclose": (WRONG | {Status.RUNTIME_ERROR, Status.LOAD_ERROR}, ""),
    "patch_openly": ({Status.RULE_VIOLATION}, "rebinds torch.allclose"),
    "frame_walk": (WRONG | {Status.INTEGRITY_VIOLATION}, ""),
    "lazy_tensor": ({Status.INTEGRITY_VIOLATION}, "subclass of torch.Tensor"),
    "lazy_disguised": ({Status.INTEGRITY_VIOLATION}, "subclass of torch.Tensor"),
    "pointer_cache": (WRONG, "tolerance"),
    "sampled_cache": (WRONG, "tolerance"),
    "late_thread": ({Status.INTEGRITY_VIOLATION}, "after the worker had answered"),
    "late_process": ({Status.RUNTIME_ERROR}, "not permitted"),
    "forged_message": ({Status.INTEGRITY_VIOLATION}, "nobody asked for"),
    "forged_at_import": ({Status.TIMEOUT, Status.LOAD_ERROR, Status.INTEGRITY_VIOLATION}, ""),
    "early_answer": ({Status.INTEGRITY_VIOLATION, Status.SHAPE_MISMATCH, Status.VALUE_MISMATCH}, ""),
    "early_by_a_little": ({Status.INTEGRITY_VIOLATION}, "after the worker had answered"),
    "stale_buffer": ({Status.INTEGRITY_VIOLATION}, "changed during the next one"),
    "replay": (WRONG, "tolerance"),
    "smaller_problem": ({Status.SHAPE_MISMATCH}, "shape"),
    "call_counter": (WRONG, "tolerance"),
    "stale_memory": (WRONG, ""),
    "exit_hook": ({Status.RUNTIME_ERROR}, "exited with status 0"),
    "zeros": (WRONG, "tolerance"),
    "encoding_cookie": ({Status.RULE_VIOLATION}, "encoding"),
    "reads_problem": ({Status.LOAD_ERROR}, "No such file"),
}


def source_of(name: str) -> str:
    """Read a fixture; one wants to know where the problem really lies."""
    problem = content_root() / "problems/level1/023_softmax.py"
    return (KERNELS / f"{name}.py").read_text().replace("@PROBLEM@", str(problem))


def test_every_fixture_is_judged() -> None:
    assert {p.stem for p in KERNELS.glob("*.py")} == {*EXPECTED, "patch_time"}


@pytest.mark.parametrize("name", EXPECTED)
def test_no_cheat_is_credited(name: str, judged: Callable[..., Verdict]) -> None:
    verdict = judged(source_of(name))
    statuses, words = EXPECTED[name]
    assert verdict.status in statuses, verdict.evidence
    assert words in verdict.evidence.what
    assert verdict.speedup is None


def test_a_patched_clock_changes_nothing() -> None:
    """T06: the kernel is right and slow, and its stopped clocks do not make it fast."""
    options = EvalOptions(tier=Tier.CI, min_pairs=6, max_pairs=15, timing_budget_s=5.0)
    with Judge(options, Settings.load().cache_dir) as judge:
        verdict = judge.evaluate(load_problem("level1/23"), candidate(source_of("patch_time")))
    assert verdict.status in {Status.CORRECT, Status.INCONCLUSIVE}, verdict.evidence
    assert verdict.measurement is not None
    assert sum(verdict.measurement.candidate_ns) > sum(verdict.measurement.reference_ns)


def test_a_changed_element_that_changes_nothing_is_asked_about_again(
    judged: Callable[..., Verdict], monkeypatch: pytest.MonkeyPatch
) -> None:
    """R03: among logits of deviation 30 hardly any element moves its softmax, and a stale answer is the right one."""

    def after_scaled_up(_: random.Random, probes: list[int], pairs: int, *, first: bool) -> list[Call]:
        del pairs, first
        scaled_up = PUBLISHED_PROBES + list(VARIATIONS).index("scaled up")
        return [Call(CallKind.WARM_UP), Call(CallKind.PROBE, probes[scaled_up]), Call(CallKind.ONE_ELEMENT)]

    monkeypatch.setattr("harness.judge.plan.block", after_scaled_up)
    for _ in range(5):
        verdict = judged(source_of("sampled_cache"))
        assert verdict.status is Status.VALUE_MISMATCH, verdict.evidence
        assert "inputs one element changed" in (verdict.evidence.where or "")
