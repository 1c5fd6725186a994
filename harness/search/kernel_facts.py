"""Emulated and interpreted kernels, as their author is told: what the checks found, and what stands in for a profile.

Findings and counters speak of the candidate alone, so nothing of them is held back.
"""

from harness.models import Finding, FindingKind, KernelProfile, RooflineEstimate, StaticFacts, Verdict
from harness.search.speed import Profile

FINDINGS_TOLD = 3
SOURCE = "counters of the emulation and the chips' compilers; estimates, not times"
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


def sentence(finding: Finding) -> str:
    """Return a finding with its places."""
    words = f"{finding.kind.value.replace('_', ' ')} in kernel {finding.kernel}: {finding.what}"
    if finding.where:
        words += f", at {finding.where}"
    if finding.block is not None:
        words += f", block {finding.block}" + (f" thread {finding.thread}" if finding.thread is not None else "")
    if finding.other_where or finding.other_thread is not None:
        other = f" thread {finding.other_thread}" if finding.other_thread is not None else ""
        words += f"; the other access: {finding.other_where or 'the same line'}, block {finding.other_block}{other}"
    return words


def causes(verdict: Verdict) -> list[tuple[str, str]]:
    """Return the first findings as facts."""
    told = [("found", sentence(finding)) for finding in verdict.findings[:FINDINGS_TOLD]]
    if more := len(verdict.findings) - FINDINGS_TOLD:
        told += [("found", f"{more} more of this kind or others")] if more > 0 else []
    return told


def profile(verdict: Verdict) -> Profile | None:
    """Return what stands in for a profile of a kernel that was not timed; None where nothing is known."""
    if verdict.timed_device:
        return None
    metrics: dict[str, str] = {}
    for kernel in verdict.kernels:
        metrics[f"launch of {kernel.kernel}"] = _launch(kernel)
    for facts in verdict.static:
        if facts.arch == _arch(verdict):
            metrics[f"{facts.kernel} on {facts.arch}"] = _compiled(facts)
    for estimate in verdict.estimates:
        if _chosen(verdict, estimate):
            bound_us = max(estimate.memory_ns, estimate.compute_ns) / 1e3
            metrics[f"least time on {estimate.gpu}"] = f"{bound_us:.3g} us, bound by {estimate.bound}"
            for number, note in enumerate(estimate.efficiency_notes, 1):
                metrics[f"waste {number}"] = note
    return Profile(SOURCE, metrics=metrics) if metrics else None


def _arch(verdict: Verdict) -> str:
    """The chip that is told of: an H100 where it is among them, as it is the one that is emulated."""
    archs = [facts.arch for facts in verdict.static]
    return "sm_90" if "sm_90" in archs or not archs else archs[0]


def _chosen(verdict: Verdict, estimate: RooflineEstimate) -> bool:
    names = [each.gpu for each in verdict.estimates]
    wanted = next((name for name in names if name.startswith("H100")), names[0])
    return estimate.gpu == wanted


ARITHMETIC = {
    "fp32": "float operations",
    "fp64": "double operations",
    "fp16": "half operations",
    "bf16": "bfloat16 operations",
    "special": "divisions, roots and special functions",
    "integer": "integer operations",
    "tensor_fp16": "operations of half matrix products",
    "tensor_bf16": "operations of bfloat16 matrix products",
    "tensor_tf32": "operations of TF32 matrix products",
    "tensor_int8": "operations of int8 matrix products",
    "tensor_fp64": "operations of double matrix products",
}
"""Counter of arithmetic -> what it counts."""


def _launch(kernel: KernelProfile) -> str:
    grid, block = ("x".join(map(str, size)) for size in (kernel.grid, kernel.block))
    shared = kernel.static_shared_bytes + kernel.dynamic_shared_bytes
    words = [f"{grid} blocks of {block} threads"]
    words += [f"{shared} bytes of shared memory"] if shared else []
    counted = kernel.counters
    moved = counted.get("global_load_bytes", 0) + counted.get("global_store_bytes", 0)
    words += [f"{moved} bytes of global traffic asked for"] if moved else []
    words += [f"{counted[kind]} {name}" for kind, name in ARITHMETIC.items() if counted.get(kind)]
    words += [f"{counted['barriers']} barrier waits"] if counted.get("barriers") else []
    words += [f"{counted['atomics']} atomics"] if counted.get("atomics") else []
    return ", ".join(words)


def _compiled(facts: StaticFacts) -> str:
    words = [f"{facts.registers} registers"]
    if facts.spill_store_bytes or facts.spill_load_bytes:
        words.append(f"{facts.spill_store_bytes + facts.spill_load_bytes} bytes of spills")
    if facts.shared_bytes:
        words.append(f"{facts.shared_bytes} bytes of shared memory")
    if facts.occupancy is not None:
        words.append(f"occupancy {facts.occupancy.share:.0%}, limited by {facts.occupancy.limited_by}")
    if facts.instructions.get("tensor"):
        words.append(f"{facts.instructions['tensor']} tensor instructions")
    return ", ".join(words)
