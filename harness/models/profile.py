"""Where a candidate's time goes and what its compiler made of it: advice for the author, on whatever device it ran.

Nothing here is a score or decides anything. Samples and counters are taken of the candidate's own process from outside;
what stands in its libraries was compiled from its own source.
"""

from enum import StrEnum

from pydantic import Field

from harness.models.base import Record
from harness.models.kernel import KernelProfile, RooflineEstimate, StaticFacts


class Operator(Record):
    """A place where time is spent: a line of the candidate, or a library or operator that it calls."""

    name: str
    """`candidate.py:21`, `libtorch_cpu.so`; an operator's name where the profiler knows operators."""
    calls: int | None = None
    """Calls of it; null where the process was sampled, which counts none."""
    self_ns: int | None = None
    """Time in itself over all profiled calls, without what it calls, summed over threads."""
    share: float
    """Its part of the time, from 0 to 1."""


class Counter(Record):
    """One counter of the processor or of the kernel, over all profiled calls."""

    name: str
    """perf's name, such as `cycles` or `cache-misses`."""
    value: float | None = None
    """Null where this machine did not give it."""
    unit: str
    """`cycles`, `events`, `ns`."""
    reason: str | None = None
    """Why there is no value."""


class RemarkKind(StrEnum):
    """What a compiler said of a loop."""

    VECTORISED = "vectorised"
    """It became vector instructions."""
    MISSED = "missed"
    """It stayed scalar."""


class Remark(Record):
    """What the compiler said of one loop, or one stretch of code, of the candidate."""

    file: str
    """`candidate.py` where the text stands there as it is; else the name of the source."""
    line: int
    """Line of the loop in `file`."""
    kind: RemarkKind
    """Whether it was vectorised."""
    vector_bytes: int | None = None
    """Widest vectors used; null where it was missed."""
    reason: str = ""
    """Why it was missed and what to do about it, in our words; the compiler's own where it is one that we do not know."""


class FunctionFacts(Record):
    """One function of the candidate as built for the processor at hand. Read from the library; nothing was run."""

    name: str
    """Name, demangled."""
    where: str | None = None
    """`candidate.py:12`, its first line; null where that is not known."""
    size_bytes: int
    """Size of its code."""
    instructions: dict[str, int] = Field(default_factory=dict)
    """Class of instruction -> number in the code, such as `packed_fma`, `scalar_float`, `load`; see `harness.build.x86`.
    An instruction that computes with a value in memory counts under both."""
    vector_bytes: int = 0
    """Widest register that packed floating-point arithmetic uses; 0 without any."""
    library_calls: dict[str, int] = Field(default_factory=dict)
    """Mathematical function of the C library -> places that call it."""
    stack_stores: int = 0
    """Instructions that write to the stack frame: spilled registers, and arrays kept there."""
    stack_loads: int = 0
    """Instructions that read from it."""


class ProfileReport(Record):
    """Everything that is known of where a candidate's time goes. What a device cannot say is empty."""

    source: str
    """How the operators were found, for people: `sampled from outside at 4 kHz over 12 calls`."""
    operators: list[Operator] = Field(default_factory=list)
    """Places by time, longest first."""
    calls: int = 0
    """Calls of `forward` that were profiled; none of them is timed or compared."""
    counters: list[Counter] = Field(default_factory=list)
    """Counters over these calls."""
    remarks: list[Remark] = Field(default_factory=list)
    """The compiler's remarks on loops, by line."""
    functions: list[FunctionFacts] = Field(default_factory=list)
    """The candidate's own functions, largest first."""
    kernels: list[KernelProfile] = Field(default_factory=list)
    """Kernels as launched. Empty in a verdict, which has them itself; `harness.score.profile.whole` joins the two."""
    static: list[StaticFacts] = Field(default_factory=list)
    """What chips' compilers decided; as `kernels`."""
    estimates: list[RooflineEstimate] = Field(default_factory=list)
    """What GPUs could do at best; as `kernels`."""
    notes: list[str] = Field(default_factory=list)
    """What could not be had, and why."""
