"""How findings, launches and compiled kernels are said, to people and to models alike: one wording for all who tell them.

Pure: records in, text out.
"""

from harness.models import Finding, KernelProfile, RooflineEstimate, StaticFacts

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


def finding(found: Finding) -> str:
    """Return a finding as one sentence with its places."""
    words = f"{kind(found)} in kernel {found.kernel}: {found.what}"
    words += f" at {found.where}" if found.where else ""
    if found.block is not None:
        words += f" (block {_place(found.block)}"
        words += f", thread {_place(found.thread)}" if found.thread is not None else ""
        if found.other_block is not None:
            words += f"; the other: block {_place(found.other_block)}"
            words += f", thread {_place(found.other_thread)}" if found.other_thread is not None else ""
            words += f", {found.other_where}" if found.other_where else ""
        words += ")"
    return words


def kind(found: Finding) -> str:
    """Return what kind of mistake it is: `out of bounds`."""
    return found.kind.value.replace("_", " ")


def launch(kernel: KernelProfile) -> str:
    """Return how a kernel was launched, and what the counters say of it."""
    grid, block = ("x".join(map(str, size)) for size in (kernel.grid, kernel.block))
    shared = kernel.static_shared_bytes + kernel.dynamic_shared_bytes
    words = [f"{grid} blocks of {block} threads"]
    words += [f"{shared} bytes of shared memory"] if shared else []
    counted = kernel.counters
    moved = counted.get("global_load_bytes", 0) + counted.get("global_store_bytes", 0)
    words += [f"{moved} bytes of global traffic asked for"] if moved else []
    words += [f"{counted[counter]} {name}" for counter, name in ARITHMETIC.items() if counted.get(counter)]
    words += [f"{counted['barriers']} barrier waits"] if counted.get("barriers") else []
    words += [f"{counted['atomics']} atomics"] if counted.get("atomics") else []
    words += [f"{kernel.launches} times"] if kernel.launches > 1 else []
    return ", ".join(words)


def compiled(facts: StaticFacts) -> str:
    """Return what a chip's compiler decided for a kernel."""
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


def least_time(estimate: RooflineEstimate) -> str:
    """Return the least time that a GPU could take."""
    bound_us = max(estimate.memory_ns, estimate.compute_ns) / 1e3
    return f"{bound_us:.3g} us, bound by {estimate.bound} (an estimate, not a time)"


def _place(place: tuple[int, int, int]) -> str:
    return "{},{},{}".format(*place)
