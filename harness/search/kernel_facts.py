"""Kernels, as their author is told: what the checks found, and where the time goes or what stands in for that.

Findings and counters speak of the candidate alone, so nothing of them is held back.
"""

from harness.models import FindingKind, Verdict
from harness.score import profile as profiles
from harness.score import wording
from harness.search.speed import Profile

FINDINGS_TOLD = 3
ADVICE = {
    FindingKind.OUT_OF_BOUNDS: "Guard the index: the last block, tile or vector reaches past the end.",
    FindingKind.RACE: "Put a barrier between the write and the read, or make the accumulation atomic.",
    FindingKind.DIVERGENT_BARRIER: "Every thread of a block has to reach the same barrier: take it out of the branch.",
    FindingKind.UNINITIALISED_SHARED: "Write each element of shared memory before any thread reads it, then synchronise.",
    FindingKind.MISALIGNED: "A vector access needs an address that is a multiple of its size: handle odd rows by scalars.",
    FindingKind.INVALID_LAUNCH: "Mend the launch: threads per block, grid size or shared memory exceed the limits.",
    FindingKind.RESOURCE_LIMIT: "Use fewer registers or less shared memory per block, or smaller blocks.",
    FindingKind.WARP_MASK: "The mask has to name the lanes that call the warp operation, and no others.",
    FindingKind.DEADLOCK: "Threads wait for each other for ever: look at barriers and spin locks.",
}
UNTIMED_ADVICE = (
    "Keep it correct. Nothing is timed here: go by bytes moved, coalescing, bank conflicts, occupancy and spills."
)


def causes(verdict: Verdict) -> list[tuple[str, str]]:
    """Return the first findings as facts."""
    told = [("found", wording.finding(finding)) for finding in verdict.findings[:FINDINGS_TOLD]]
    if more := len(verdict.findings) - FINDINGS_TOLD:
        told += [("found", f"{more} more of this kind or others")] if more > 0 else []
    return told


def profile(verdict: Verdict) -> Profile | None:
    """Return where the time goes: sampled where the candidate was profiled, counted where it was emulated; else None."""
    report = profiles.whole(verdict)
    if report is None or (verdict.timed_device and verdict.profile is None):
        return None
    metrics: dict[str, list[str]] = {}
    for label, text in profiles.facts(report, _archs(verdict)):
        if label != profiles.NOT_COUNTED:
            metrics.setdefault(label, []).append(text)
    joined = {label: "; ".join(texts) for label, texts in metrics.items()}
    return Profile(report.source, tuple(profiles.operators(report)), joined) if joined or report.operators else None


def _archs(verdict: Verdict) -> tuple[str, ...]:
    """The chip that is told of: an H100 where it is among them, as it is the one that is emulated."""
    archs = [facts.arch for facts in verdict.static]
    return ("sm_90",) if "sm_90" in archs or not archs else (archs[0],)
