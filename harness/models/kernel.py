"""What is known of a candidate's kernels beside their times: findings, counters, and what a chip's compiler decided.

Nothing here is a score. Findings and counters come from the process that ran the candidate, so they may make a verdict worse
and explain it; they never make one better.
"""

from enum import StrEnum

from pydantic import Field

from harness.models.base import Record


class FindingKind(StrEnum):
    """A mistake that hardware would not report."""

    OUT_OF_BOUNDS = "out_of_bounds"
    """A read or write outside of what the kernel was given, in global or shared memory."""
    RACE = "race"
    """Two threads touch one place, one of them writes, and nothing orders them."""
    DIVERGENT_BARRIER = "divergent_barrier"
    """Threads of a block wait at different barriers, or some have left."""
    UNINITIALISED_SHARED = "uninitialised_shared"
    """Shared memory is read before anything was written there."""
    MISALIGNED = "misaligned"
    """An access whose address is not a multiple of its size."""
    INVALID_LAUNCH = "invalid_launch"
    """A launch that a GPU refuses: too many threads, too much shared memory, an empty grid."""
    RESOURCE_LIMIT = "resource_limit"
    """More registers or shared memory than the named chip has."""
    WARP_MASK = "warp_mask"
    """A warp operation whose mask names lanes that do not take part in it."""
    DEADLOCK = "deadlock"
    """Threads that wait for each other for ever."""


class Finding(Record):
    """One mistake, with the place where it was seen first."""

    kind: FindingKind
    """What kind of mistake."""
    what: str
    """One sentence."""
    kernel: str
    """Name of the kernel."""
    where: str | None = None
    """`candidate.py:23`, the line of the access."""
    block: tuple[int, int, int] | None = None
    """Block (program, in Triton) that did it."""
    thread: tuple[int, int, int] | None = None
    """Thread within the block."""
    other_where: str | None = None
    """For a race: the line of the other access."""
    other_block: tuple[int, int, int] | None = None
    """For a race: block of the other access."""
    other_thread: tuple[int, int, int] | None = None
    """For a race: thread of the other access."""
    count: int = 1
    """How often it was seen at this place."""


class KernelProfile(Record):
    """One kernel as it was launched, with counters where they were taken."""

    kernel: str
    """Name, without template arguments' namespaces."""
    launches: int
    """Launches of one call of `forward`, all with this grid and block."""
    grid: tuple[int, int, int]
    """Blocks (programs, in Triton)."""
    block: tuple[int, int, int]
    """Threads; for Triton 32 times the warps."""
    static_shared_bytes: int = 0
    """Shared memory declared in the kernel, per block."""
    dynamic_shared_bytes: int = 0
    """Shared memory asked for by the launch, per block."""
    counters: dict[str, int] = Field(default_factory=dict)
    """Counter -> sum over the counted launches, such as `global_load_bytes`; see `harness.devices.emulated`."""
    counted_share: float = 1.0
    """Share of the blocks that the counters were taken of; they are scaled to all of them."""
    constants: dict[str, str] = Field(default_factory=dict)
    """Compile-time choices, for example Triton's constexprs, warps and stages."""


class Occupancy(Record):
    """How many threads of a kernel a multiprocessor holds at once."""

    blocks_per_sm: int
    """Resident blocks; 0 where the launch is impossible."""
    warps_per_sm: int
    """Resident warps."""
    share: float
    """Resident warps over the most that the chip holds."""
    limited_by: str
    """`registers`, `shared memory`, `threads`, `blocks`, or what makes the launch impossible."""


class StaticFacts(Record):
    """What a chip's compiler decided for one kernel. Read from the binary; nothing was run."""

    kernel: str
    """Name of the kernel, demangled."""
    arch: str
    """`sm_90`, `gfx942`."""
    registers: int
    """Registers per thread (vector registers on gfx)."""
    spill_store_bytes: int = 0
    """Bytes stored to local memory as registers ran out."""
    spill_load_bytes: int = 0
    """Bytes loaded back."""
    stack_bytes: int = 0
    """Stack frame per thread."""
    shared_bytes: int = 0
    """Static shared memory per block."""
    constant_bytes: int = 0
    """Constant memory, parameters included."""
    instructions: dict[str, int] = Field(default_factory=dict)
    """Class of instruction -> number in the disassembly, such as `tensor`, `fp32`, `global_load`."""
    threads_per_block: int | None = None
    """Threads that it was launched with; null where no launch was seen."""
    occupancy: Occupancy | None = None
    """At that block size; null without one."""
    constants: dict[str, str] = Field(default_factory=dict)
    """Compile-time choices that tell specialisations apart."""


class RooflineEstimate(Record):
    """The least time that a named GPU could take for one call, from counters and data sheet. An estimate, never a score."""

    gpu: str
    """Name of the GPU, for example `H100 SXM`."""
    memory_ns: int
    """Time to move the counted bytes at the data sheet's bandwidth."""
    compute_ns: int
    """Time for the counted arithmetic at the data sheet's rate."""
    bound: str
    """`memory` or `compute`, whichever takes longer."""
    efficiency_notes: list[str] = Field(default_factory=list)
    """What the counters say is wasted, such as uncoalesced loads."""
