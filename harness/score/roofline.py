"""An analytic roofline: the time that a named GPU needs for the counted traffic and arithmetic, and what of it is wasted.

Pure. Williams, Waterman, Patterson, "Roofline: an insightful visual performance model", CACM 2009. The counters come from an
emulation that has no caches: traffic is that of every request, and what a cache would keep is not taken off. So this is an
estimate for whoever improves the kernel, never a score.
"""

from collections.abc import Iterable, Mapping, Sequence

from harness.devices.chips import Chip
from harness.models import KernelProfile, RooflineEstimate, StaticFacts
from harness.score.kernels import launches_of

SECTOR_BYTES = 32
"""What a GPU's memory moves at least."""
PIPES = (
    {"fp32": "fp32", "fp16": "fp16", "bf16": "fp16"},
    {"fp64": "fp64"},
    {
        "tensor_fp16": "fp16_tensor",
        "tensor_bf16": "bf16_tensor",
        "tensor_tf32": "tf32_tensor",
        "tensor_int8": "int8_tensor",
        "tensor_fp64": "fp64_tensor",
    },
    {"special": "special"},
)
"""Counter -> kind of peak, by the units of a multiprocessor that work beside each other. Counters are operations, a fused
multiply-add being two."""
SPECIAL_SHARE = 1 / 16
"""Special functions over fp32 operations per clock: 16 against 128 fused multiply-adds (CUDA C++ Programming Guide, table of
arithmetic throughput, every compute capability from 5.0 on)."""
LOW_COALESCING = 0.75
"""Under this share of used bytes a note is due; rows that begin within a sector cost up to a quarter."""
MANY_PASSES = 1.25
LOW_LANES = 0.75
LOW_OCCUPANCY = 0.5
"""Under this share of resident warps latency is often no longer hidden."""
MAX_NOTES = 20


def roofline(
    kernels: Sequence[KernelProfile],
    chip: Chip,
    facts: Iterable[StaticFacts] = (),
    operations: Mapping[str, float] | None = None,
) -> RooflineEstimate | None:
    """Return the estimate for one call that launched `kernels`; None where nothing was counted.

    `operations` (kind of peak, such as `fp32` -> operations of the workload) stands in for arithmetic that was not counted.
    `facts` are the kernels as compiled, with their occupancy; only those of the chip's architecture are used.
    """
    counted = [kernel for kernel in kernels if kernel.counters]
    if not counted:
        return None
    memory_s = sum(moved_bytes(kernel) for kernel in counted) / chip.bandwidth_bytes_per_s
    compute_s = max(_pipe_s(counted, pipe, chip) for pipe in PIPES)
    if not compute_s:
        compute_s = sum(amount / chip.peaks[kind] for kind, amount in (operations or {}).items() if kind in chip.peaks)
    own = [fact for fact in facts if fact.arch.rstrip("af") == chip.arch.rstrip("af")]
    notes = [note for kernel in counted for note in waste(kernel)]
    notes += [note for fact in own if launches_of(fact, kernels) for note in compiled_waste(fact, chip)]
    if not compute_s:
        notes.append("arithmetic was not counted: the estimate is of memory alone")
    return RooflineEstimate(
        gpu=chip.name,
        memory_ns=round(memory_s * 1e9),
        compute_ns=round(compute_s * 1e9),
        bound="memory" if memory_s >= compute_s else "compute",
        efficiency_notes=list(dict.fromkeys(notes))[:MAX_NOTES],
    )


def _pipe_s(kernels: Sequence[KernelProfile], pipe: Mapping[str, str], chip: Chip) -> float:
    """Return the seconds that one kind of unit needs; kinds of arithmetic that the chip does not name are left out."""
    peaks = {"special": chip.peaks.get("fp32", 0.0) * SPECIAL_SHARE, **chip.peaks}
    return sum(
        kernel.counters.get(counter, 0) / peaks[kind]
        for kernel in kernels
        for counter, kind in pipe.items()
        if peaks.get(kind)
    )


def moved_bytes(kernel: KernelProfile) -> int:
    """Return the bytes that a kernel's requests move between memory and the chip, in whole sectors."""
    sectors = kernel.counters.get("global_load_sectors", 0) + kernel.counters.get("global_store_sectors", 0)
    return SECTOR_BYTES * sectors


def coalescing(kernel: KernelProfile, access: str) -> float | None:
    """Return bytes asked for over bytes of the sectors touched, for `access` `load` or `store`; None without any.

    At most 1: lanes that ask for the same bytes get them once.
    """
    sectors = kernel.counters.get(f"global_{access}_sectors", 0)
    return min(1.0, kernel.counters.get(f"global_{access}_bytes", 0) / (SECTOR_BYTES * sectors)) if sectors else None


def passes_per_request(kernel: KernelProfile, access: str) -> float | None:
    """Return passes over the banks of shared memory per request: 1 is free of conflicts; None without any request."""
    requests = kernel.counters.get(f"shared_{access}_requests", 0)
    return kernel.counters.get(f"shared_{access}_passes", 0) / requests if requests else None


def busy_lanes(kernel: KernelProfile) -> float | None:
    """Return the share of a warp's lanes that take part, weighted by basic blocks executed; None where not counted."""
    slots = kernel.counters.get("warp_block_slots", 0)
    return min(1.0, kernel.counters.get("lane_blocks", 0) / slots) if slots else None


def waste(kernel: KernelProfile) -> list[str]:
    """Return one line for each thing that the counters show to be wasted."""
    notes = []
    for access, verb, advice in (("load", "loads", "read"), ("store", "stores", "write")):
        used = coalescing(kernel, access)
        if used is not None and used < LOW_COALESCING:
            notes.append(
                f"{kernel.kernel}: {used:.0%} of the bytes that its global {verb} move are used:"
                f" let neighbouring threads {advice} neighbouring elements"
            )
        passes = passes_per_request(kernel, access)
        if passes is not None and passes > MANY_PASSES:
            notes.append(
                f"{kernel.kernel}: shared {verb} take {passes:.1f} passes each (float2 needs 2, float4 needs 4):"
                " beyond that banks conflict, so pad or permute the rows"
            )
    lanes = busy_lanes(kernel)
    if lanes is not None and lanes < LOW_LANES:
        notes.append(
            f"{kernel.kernel}: {lanes:.0%} of the lanes are busy:"
            " branch on whole warps, and give every thread of a block work"
        )
    return notes


def compiled_waste(fact: StaticFacts, chip: Chip) -> list[str]:
    """Return one line for each thing that the compiler's decisions cost on `chip`."""
    notes = []
    if spilled := fact.spill_store_bytes + fact.spill_load_bytes:
        notes.append(
            f"{fact.kernel}: {spilled} bytes of spill code at {fact.registers} registers per thread ({fact.arch}):"
            " keep fewer values alive, or loosen __launch_bounds__ or maxrregcount"
        )
    found = fact.occupancy
    if found is None:
        return notes
    if not found.blocks_per_sm:
        notes.append(f"{fact.kernel}: cannot be launched on {chip.name}: {found.limited_by}")
    elif found.share < LOW_OCCUPANCY:
        cause = {"registers": f"{fact.registers} registers per thread", "blocks": "blocks that are too small"}
        notes.append(
            f"{fact.kernel}: occupancy {found.share:.0%} on {chip.name},"
            f" limited by {cause.get(found.limited_by, found.limited_by)}"
        )
    return notes
