"""Measures the baselines of one workload: each form is judged as a candidate is, paired with eager in the same session.

The forms of torch.compile are its generated code (`harness.judge.inductor`) with the build and the limits of any candidate,
and without what dynamo and AOTAutograd add to each call: 27 us for a softmax of 4x16, 132 us for three layers of 16 with
their weights (best of 60 means of 200 calls, one thread of a busy machine). So such a baseline is never slower than
torch.compile as called from Python, and faster by that much where a call is short. What torch.compile refuses has none.
"""

import statistics
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from harness.judge.inductor import NotExpressible, candidate_source
from harness.judge.judge import Judge, environment
from harness.models import (
    Baseline,
    BaselineConditions,
    BaselineForm,
    Candidate,
    EvalOptions,
    Problem,
    Status,
    Verdict,
    Workload,
    sha256_hex,
)
from harness.score.baselines import EAGER, conditions

Source = Callable[[Workload, str], str]
"""(workload, mode) -> the module that torch.compile comes to."""


def conditions_here(work: Workload, options: EvalOptions) -> BaselineConditions:
    """Return what a baseline of `work` has to hold for on this machine.

    Raises:
        ToolchainError: there is no C++ compiler.
    """
    found = environment(options.threads)
    return conditions(found, work, threads=options.threads, cold_cache=options.cold_cache)


def measure(
    judge: Judge,
    problem: Problem,
    work: Workload,
    modes: Sequence[str],
    progress: Callable[[str], None] = lambda stage: None,
    source: Source | None = None,
) -> Baseline:
    """Measure `modes` of a problem at the sizes of `work`, one after another.

    Raises:
        ProblemError: the problem cannot be used.
        ToolchainError, StoreError, SandboxError: the machine lacks what judging needs.
    """
    made = source or (lambda work, mode: candidate_source(work.source, work.name, judge.options.threads, mode))
    forms: dict[str, BaselineForm] = {}
    for mode in modes:
        progress(f"{mode}: generating")
        try:
            text = work.source if mode == EAGER else made(work, mode)
        except NotExpressible as error:
            forms[mode] = BaselineForm(status=Status.NO_CODE, reason=str(error))
            continue
        same = next((form for form in forms.values() if form.source_sha256 == sha256_hex(_code(text))), None)
        forms[mode] = same or _judged(judge, problem, work, text, mode, progress)
    stamp = f"{datetime.now(UTC):%Y-%m-%dT%H:%MZ}"
    load_1m = float(judge.environment()["load_1m"])
    return Baseline(conditions=conditions_here(work, judge.options), measured=stamp, load_1m=load_1m, forms=forms)


def form_of(verdict: Verdict, source_sha256: str) -> BaselineForm:
    """Return what is kept of a verdict: medians, the interval of the ratio, and why there is none."""
    measured = verdict.measurement
    if not verdict.correct or verdict.speedup is None or measured is None:
        where = f" at {verdict.evidence.where}" if verdict.evidence.where else ""
        return BaselineForm(
            status=verdict.status, reason=f"{verdict.evidence.what}{where}", source_sha256=source_sha256
        )
    return BaselineForm(
        status=verdict.status,
        speedup=verdict.speedup,
        eager_ns=round(statistics.median(measured.reference_ns)),
        form_ns=round(statistics.median(measured.candidate_ns)),
        pairs=len(measured.block),
        stopped=measured.stopped,
        source_sha256=source_sha256,
    )


def _judged(
    judge: Judge, problem: Problem, work: Workload, text: str, mode: str, progress: Callable[[str], None]
) -> BaselineForm:
    entry = "Model" if mode == EAGER else "ModelNew"
    candidate = Candidate(source=text, sha256=sha256_hex(text), language="cpp", origin=mode, entry=entry)
    verdict = judge.evaluate(problem, candidate, lambda stage: progress(f"{mode}: {stage}"), tier=work.tier)
    return form_of(verdict, sha256_hex(_code(text)))


def _code(text: str) -> str:
    """Return a module without its first docstring, which names the mode: what is equal but for that is the same code."""
    return text.split('"""', 2)[2] if text.startswith('"""') else text
