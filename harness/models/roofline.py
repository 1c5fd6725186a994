"""How far a timed kernel is from what the machine can do."""

from pydantic import Field

from harness.models.base import Record

BEYOND = 1.1
"""Share from which on a bound is disproved and not merely inexact: peaks and medians are known to some per cent."""


class Roofline(Record):
    """The time that this machine's measured peaks allow for one call, and the share of it that both sides reach.

    Williams, Waterman, Patterson, "Roofline: an insightful visual performance model", CACM 52(4), 2009. It is a target
    and no law: a kernel that needs fewer operations or bytes than are counted (products with a diagonal, Strassen,
    Winograd, rows that a mask skips), or that finds data in a cache, goes beyond it, and so may one on a machine that
    was busy when its peaks were measured. A share above 1 accuses nobody; `harness.judge.integrity` has the bounds that
    do.
    """

    flops: int | None = Field(default=None, ge=0)
    """Floating-point operations of products, convolutions and attention; null where they could not be counted."""
    read_bytes: int = Field(ge=0)
    """Inputs, parameters and buffers, each read once."""
    written_bytes: int = Field(ge=0)
    """Outputs, each written once."""
    memory: str
    """Where those bytes come from: `dram`, or with warm caches perhaps `l2`, `llc`, or `llc and dram`."""
    bytes_per_s: float = Field(gt=0)
    """Rate at which this machine moves that mix of reads and writes there."""
    arithmetic: str | None = None
    """The peak for the operations, such as `float32 torch.mm`; null where none are counted."""
    flop_per_s: float | None = None
    """That peak."""
    memory_ns: int = Field(ge=0)
    """Time to move the bytes."""
    compute_ns: int = Field(ge=0)
    """Time for the operations; 0 where none are counted."""
    bound: str
    """`memory` or `compute`, whichever takes longer."""
    sol_ns: int = Field(gt=0)
    """The longer of the two: the time at the speed of light."""
    candidate_ns: int = Field(gt=0)
    """Median time of the candidate's counted calls, doorbell included."""
    reference_ns: int = Field(gt=0)
    """Median time of the reference's."""
    candidate_share: float = Field(gt=0)
    """`sol_ns` over `candidate_ns`: share of the attainable speed."""
    reference_share: float = Field(gt=0)
    """`sol_ns` over `reference_ns`."""
    headroom: float = Field(gt=0)
    """`candidate_ns` over `sol_ns`: how many times as fast the candidate could be at most."""
    sol_score: float = Field(ge=0, le=1)
    """See `harness.score.sol`: 0.5 is as fast as the baseline, 1 is at the bound."""

    @property
    def disproved(self) -> bool:
        """Whether the baseline itself goes well beyond the bound: less was to be done than is counted, so it is no bound."""
        return self.reference_share > BEYOND

    @property
    def holds(self) -> bool:
        """Whether nobody went well beyond the bound, so that being close to it means that little is left to gain."""
        return max(self.reference_share, self.candidate_share) <= BEYOND
