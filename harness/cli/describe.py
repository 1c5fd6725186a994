"""A verdict as a few lines for people."""

from collections.abc import Iterator
from statistics import median

from harness.cli.roofline import explain
from harness.models import Status, Verdict
from harness.score import profile, wording

FINDINGS_SHOWN = 5


def describe(verdict: Verdict) -> str:
    """Return a verdict as a few lines for people."""
    where = f" at {verdict.evidence.where}" if verdict.evidence.where else ""
    lines = [f"{verdict.outcome} ({verdict.problem_id}, {verdict.tier}, stage {verdict.stage})"]
    lines.append(f"  {verdict.evidence.what}{where}")
    for label in ("expected", "got"):
        value = getattr(verdict.evidence, label)
        if value is not None:
            lines.append(f"  {label}: {value}")
    if verdict.speedup is not None:
        found = verdict.speedup
        lines.append(f"  speedup {found.median:.3f} [{found.low:.3f}, {found.high:.3f}] over {verdict.baseline}")
    lines += _warm(verdict)
    if verdict.roofline is not None:
        lines += [f"  {line}" for line in explain(verdict.roofline, verdict.baseline)]
    if verdict.upstream_correct is not None:
        lines.append(f"  by KernelBench's own rule: {'correct' if verdict.upstream_correct else 'wrong'}")
    if verdict.isolation is not None:
        lines.append(f"  isolation grade {verdict.isolation.grade}")
    lines += _kernels(verdict)
    lines += [f"  note: {note}" for note in verdict.notes]
    if verdict.evidence.log and verdict.status is not Status.CORRECT:
        lines += ["", *(f"  | {line}" for line in verdict.evidence.log.rstrip().splitlines())]
    return "\n".join(lines)


def _warm(verdict: Verdict) -> Iterator[str]:
    """Yield the warm reading beside the cold one: what of the difference is memory."""
    found = verdict.measurement
    if found is None or found.warm is None:
        return
    cold, warm = ((median(times.candidate_ns), median(times.reference_ns)) for times in (found, found.warm))
    yield (
        f"  warm caches {found.warm.ratio:.3f} in {len(found.warm.candidate_ns)} pairs: "
        f"candidate {warm[0] / 1e6:.3f} ms (cold {cold[0] / 1e6:.3f}), "
        f"{verdict.baseline} {warm[1] / 1e6:.3f} ms (cold {cold[1] / 1e6:.3f})"
    )


def _kernels(verdict: Verdict) -> Iterator[str]:
    """Yield what is known of the code: findings, where the time goes, loops, launches, registers, what is wasted."""
    for finding in verdict.findings[:FINDINGS_SHOWN]:
        yield f"  found: {wording.finding(finding)}"
    if len(verdict.findings) > FINDINGS_SHOWN:
        yield f"  found: {len(verdict.findings) - FINDINGS_SHOWN} more (--json)"
    report = profile.whole(verdict)
    if report is None:
        return
    if verdict.profile is not None:
        yield f"  profile: {report.source}"
    yield from (f"  {share:6.1%} {name}" for name, share in profile.operators(report))
    yield from (f"  {label}: {text}" for label, text in profile.facts(report))
