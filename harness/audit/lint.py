"""The lint: is a problem a fair question? Rules, and a kill score by the judge's own comparison."""

import time
from collections.abc import Iterator

from harness.audit.cancellation import cancelling
from harness.audit.facts import facts
from harness.audit.known import known_facts
from harness.audit.mutants import IGNORED_AS, Wrong, wrong_kernels
from harness.audit.rules import FILE_RULES, MODEL_RULES, failure, memory, note, repeatable, tier_limits
from harness.audit.subject import Subject
from harness.errors import ProblemError
from harness.models import Problem, Tier
from harness.models.audit import Finding, LintReport, Mutant
from harness.suite import workload

MEMORY_BUDGET_BYTES = 24 << 30
"""Default budget for the inputs, parameters and outputs of the `gpu` tier: a card of 80 GB then holds the outputs of both
sides and what comparing them takes."""

_RULE_OF = {
    "input ignored": "input-ignored",
    **dict.fromkeys(IGNORED_AS, "parameter-ignored"),
    "operation skipped": "redundant-operation",
}
"""Kind of survivor -> the rule that it breaks; every other kind breaks `survivor`."""
_ADVICE = {
    "input-ignored": "the output does not depend on {detail}: change its scale, or what is done with it",
    "parameter-ignored": "{kind}: a kernel that does so with {detail} is right; initialise it at random, or let it reach "
    "the output",
    "redundant-operation": "a kernel without {detail} is right: choose inputs or constants on which it does something",
    "survivor": "the judge would take this wrong kernel for right: {kind} {detail}",
}


def lint_problem(problem: Problem, tier: Tier = Tier.CI, memory_budget_bytes: int = MEMORY_BUDGET_BYTES) -> LintReport:
    """Try one problem at `tier` in this process, and return everything that is wrong with it.

    A problem whose code raises, or that has no such tier, gets a failed report, not an exception.
    """
    start = time.perf_counter_ns()
    findings: list[Finding] = []
    mutants: list[Mutant] = []
    forward_ns = 0
    try:
        subject = Subject(workload(problem, tier))
        forward_ns = subject.forward_ns()
        findings += tier_limits(subject, forward_ns)
        unrepeatable = list(repeatable(subject))
        findings += unrepeatable
        if not unrepeatable:  # otherwise everything that compares two calls would speak of this
            for model_rule in MODEL_RULES:
                findings += model_rule(subject)
            for found in _kill(subject):
                (mutants if isinstance(found, Mutant) else findings).append(found)  # type: ignore[arg-type]
        for file_rule in FILE_RULES:
            findings += file_rule(problem)
        gpu = workload(problem, Tier.GPU)
        findings += memory(known_facts().get(gpu.sha256) or facts(gpu), memory_budget_bytes)
    except ProblemError as error:
        findings.append(failure("does-not-run", str(error)))
    return LintReport(
        problem_id=problem.id,
        origin=problem.origin,
        tier=tier,
        findings=tuple(findings),
        mutants=tuple(mutants),
        forward_ns=forward_ns,
        elapsed_ns=time.perf_counter_ns() - start,
    )


def _kill(subject: Subject) -> Iterator[Mutant | Finding]:
    """Judge every wrong kernel. One that algebra makes right is not wrong: it is noted, and not counted."""
    for wrong in wrong_kernels(subject):
        margin, killed = _margin(subject, wrong)
        if margin is None:
            continue
        if not killed:
            cause = cancelling(subject, wrong.target) if wrong.target else None
            if cause is not None:
                yield note("cancelled", f"{wrong.kind}, {wrong.detail}: right, because of the {cause} behind it")
                continue
            rule = _RULE_OF.get(wrong.kind, "survivor")
            yield failure(rule, _ADVICE[rule].format(kind=wrong.kind, detail=wrong.detail).strip())
        yield Mutant(kind=wrong.kind, detail=wrong.detail, killed=killed, margin=margin)


def _margin(subject: Subject, wrong: Wrong) -> tuple[float | None, bool]:
    """Return the worst error over the budget up to the first draw that tells, and whether one does; None if none ran."""
    worst: float | None = None
    for draw in subject.draws:
        outputs = wrong.answer(draw)
        if outputs is None:
            continue
        comparison = subject.judge(outputs, draw)
        worst = max(worst or 0.0, comparison.worst_ratio)
        if not comparison.ok:
            return worst, True
    return worst, False
