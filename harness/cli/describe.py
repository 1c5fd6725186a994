"""A verdict as a few lines for people."""

from collections.abc import Iterator

from harness.cli.roofline import explain
from harness.models import KernelProfile, StaticFacts, Status, Verdict

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


def _kernels(verdict: Verdict) -> Iterator[str]:
    """Yield what is known of the kernels: findings, launches, registers and occupancy, what the counters say is wasted."""
    for finding in verdict.findings[:FINDINGS_SHOWN]:
        place = f" at {finding.where}" if finding.where else ""
        yield f"  found: {finding.kind.value.replace('_', ' ')} in {finding.kernel}{place}: {finding.what}"
    if len(verdict.findings) > FINDINGS_SHOWN:
        yield f"  found: {len(verdict.findings) - FINDINGS_SHOWN} more (--json)"
    yield from map(_launch, verdict.kernels)
    yield from (_compiled(facts) for facts in verdict.static if facts.occupancy is not None)
    for estimate in verdict.estimates[:1]:
        bound_us = max(estimate.memory_ns, estimate.compute_ns) / 1e3
        yield f"  at best {bound_us:.3g} us on {estimate.gpu}, bound by {estimate.bound} (an estimate, not a time)"
        yield from (f"    {note}" for note in estimate.efficiency_notes)


def _launch(kernel: KernelProfile) -> str:
    times = f", {kernel.launches} times" if kernel.launches > 1 else ""
    shared = kernel.static_shared_bytes + kernel.dynamic_shared_bytes
    memory = f", {shared} bytes of shared memory" if shared else ""
    grid, block = ("x".join(map(str, size)) for size in (kernel.grid, kernel.block))
    return f"  kernel {kernel.kernel}: {grid} blocks of {block} threads{memory}{times}"


def _compiled(facts: StaticFacts) -> str:
    spills = f", {facts.spill_store_bytes + facts.spill_load_bytes} bytes spilled" if facts.spill_store_bytes else ""
    assert facts.occupancy is not None
    held = f"occupancy {facts.occupancy.share:.0%}, limited by {facts.occupancy.limited_by}"
    return f"  {facts.arch} {facts.kernel}: {facts.registers} registers{spills}, {held}"
