"""Theoretical occupancy: how many blocks of a kernel fit on a multiprocessor at once, and what is in the way.

Pure. Source: NVIDIA, CUDA C++ Best Practices Guide, section "Occupancy", with the allocation rules of the toolkit's
`cuda_occupancy.h`; `tests/score/test_occupancy.py` holds this to that header where a toolkit is installed.
"""

from collections.abc import Iterable, Sequence
from math import prod

from harness.devices.chips import Chip, chip_of_arch
from harness.models import Finding, FindingKind, KernelProfile, Occupancy, StaticFacts
from harness.score.kernels import launches_of


def occupancy(threads_per_block: int, registers: int, shared_bytes: int, chip: Chip) -> Occupancy:
    """Return how many blocks fit, for `registers` per thread and `shared_bytes` per block, static and dynamic.

    Where not even one does, `blocks_per_sm` is 0 and `limited_by` says why, as a sentence.
    """
    if reason := impossible(threads_per_block, registers, shared_bytes, chip):
        return Occupancy(blocks_per_sm=0, warps_per_sm=0, share=0.0, limited_by=reason)
    warps = -(-threads_per_block // chip.warp_size)
    blocks = chip.max_blocks_per_sm
    if warps > 1 and chip.max_blocks_of_several_warps is not None:
        blocks = chip.max_blocks_of_several_warps
    limits = {
        "threads": chip.warps_per_sm // warps,
        "registers": _blocks_by_registers(warps, registers, chip),
        "shared memory": chip.shared_bytes_per_sm // allocated_shared_bytes(shared_bytes, chip),
        "blocks": blocks,
    }
    limited_by, resident = min(
        limits.items(), key=lambda item: item[1]
    )  # the first of equals: what no kernel can change
    return Occupancy(
        blocks_per_sm=resident,
        warps_per_sm=resident * warps,
        share=resident * warps / chip.warps_per_sm,
        limited_by=limited_by,
    )


def impossible(threads_per_block: int, registers: int, shared_bytes: int, chip: Chip) -> str | None:
    """Return why a launch cannot run on `chip`, or None where it can."""
    if threads_per_block < 1:
        return f"a block of {threads_per_block} threads"
    if threads_per_block > chip.max_threads_per_block:
        return f"{threads_per_block} threads per block; {chip.name} takes {chip.max_threads_per_block}"
    if registers > chip.max_registers_per_thread + 1:  # the vendor's check takes 256, which includes the zero register
        return f"{registers} registers per thread; {chip.name} has {chip.max_registers_per_thread}"
    if shared_bytes > chip.shared_optin_bytes_per_block:
        return f"{shared_bytes} bytes of shared memory per block; {chip.name} has {chip.shared_optin_bytes_per_block}"
    warps = -(-threads_per_block // chip.warp_size)
    needed = registers_per_warp(registers, chip) * -(-warps // chip.partitions) * chip.partitions
    if needed > chip.registers_per_block:
        return (
            f"{registers} registers x {threads_per_block} threads are {needed} registers per block as they are given out;"
            f" {chip.name} has {chip.registers_per_block}"
        )
    return None


def registers_per_warp(registers: int, chip: Chip) -> int:
    """Return the registers that a warp is given for `registers` per thread."""
    return _up(registers * chip.warp_size, chip.register_unit)


def allocated_shared_bytes(shared_bytes: int, chip: Chip) -> int:
    """Return the shared memory that a block takes; at least one unit, so that it can be divided by."""
    return max(_up(shared_bytes + chip.shared_reserved_bytes, chip.shared_unit_bytes), chip.shared_unit_bytes)


def with_occupancy(facts: Iterable[StaticFacts], kernels: Sequence[KernelProfile]) -> list[StaticFacts]:
    """Return `facts` with block size and occupancy, each at the launch of its kernel; what no launch is known of stays.

    A kernel that was launched in several ways gets the record of its largest block and shared memory.
    """
    result = []
    for fact in facts:
        launches = launches_of(fact, kernels)
        chip = chip_of_arch(fact.arch)
        if launches and chip is not None:
            launch = max(launches, key=lambda k: (prod(k.block), k.dynamic_shared_bytes))
            shared = shared_bytes_of(fact, launch)
            found = occupancy(prod(launch.block), fact.registers, shared, chip)
            fact = fact.model_copy(update={"threads_per_block": prod(launch.block), "occupancy": found})
        result.append(fact)
    return result


def resource_findings(facts: Iterable[StaticFacts], kernels: Sequence[KernelProfile], chip: Chip) -> list[Finding]:
    """Return a finding for each launch that `chip` would refuse, by what its compiler made of the kernel.

    Only facts of the chip's own architecture count.
    """
    found: dict[tuple[str, str], Finding] = {}
    for fact in facts:
        if chip_of_arch(fact.arch) is None or fact.arch.rstrip("af") != chip.arch.rstrip("af"):
            continue
        for launch in launches_of(fact, kernels):
            reason = impossible(prod(launch.block), fact.registers, shared_bytes_of(fact, launch), chip)
            if reason is not None:
                what = f"cannot be launched on {chip.name} ({fact.arch}): {reason}"
                found[fact.kernel, what] = Finding(kind=FindingKind.RESOURCE_LIMIT, what=what, kernel=fact.kernel)
    return list(found.values())


def shared_bytes_of(fact: StaticFacts, launch: KernelProfile) -> int:
    """Return the shared memory of a block: what the kernel declares, as compiled, and what the launch adds."""
    return fact.shared_bytes + launch.dynamic_shared_bytes


def _blocks_by_registers(warps: int, registers: int, chip: Chip) -> int:
    """A warp's registers come from one partition, so that each partition holds whole warps."""
    per_warp = registers_per_warp(registers, chip)
    if per_warp == 0:
        return chip.max_blocks_per_sm
    return chip.registers_per_sm // chip.partitions // per_warp * chip.partitions // warps


def _up(value: int, unit: int) -> int:
    return -(-value // unit) * unit
