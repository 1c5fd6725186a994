"""A correct kernel, as its author is told: how fast, against what, how far from the limits, where the time goes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median

from harness.models import Verdict
from harness.search.tokens import clip

AT_THE_ROOF = 0.95
"""Share of the attainable speed from which on there is nothing left to gain (KernelAgent's rule)."""
MOST_LINES = 20
"""Longest profile; what is most useful stands first."""
TOP_OPERATIONS = 5
"""Longest list of what takes the time: three to five decisive numbers do better than a whole profile."""


@dataclass(frozen=True)
class Profile:
    """What a profiler, or the compiler, knows of a kernel."""

    source: str
    """Tool that it comes from: `perf`, `torch profiler`, `ncu`, `compiler`."""
    operations: tuple[tuple[str, float], ...] = ()
    """Name and share of the time, from 0 to 1."""
    metrics: Mapping[str, str] = field(default_factory=dict)
    """Static facts: registers, spills, shared memory, occupancy. One that is not known is left out."""

    def lines(self, limit: int) -> tuple[str, ...]:
        """Return the longest operations and the metrics, each in a line of at most `limit` characters."""
        longest = sorted(self.operations, key=lambda operation: -operation[1])[:TOP_OPERATIONS]
        shares = [f"{share:.0%} {name}" for name, share in longest]
        lines = (*shares, *(f"{k}: {v}" for k, v in self.metrics.items()))
        return tuple(clip(line, limit) for line in lines[:MOST_LINES])


@dataclass(frozen=True)
class Measured:
    """What is known of an attempt besides its verdict. Everything is optional."""

    output_shapes: tuple[tuple[int, ...], ...] = ()
    """Shapes of the outputs at the sizes that are shown."""
    traffic_bytes: int | None = None
    """Least memory traffic of the problem."""
    flops: int | None = None
    """Floating-point operations of its products and convolutions."""
    profile: Profile | None = None
    """Where the time goes."""
    profile_apart: bool = False
    """Whether a section of its own tells where the time goes."""
    parent: tuple[str, float] | None = None
    """Number and speedup of the attempt that it was made from, where that one was timed."""
    best: tuple[str, float] | None = None
    """Number and speedup of the best attempt so far, where that is another one."""
    same_as: str | None = None
    """Number of an earlier attempt with the same text."""


def headline(verdict: Verdict) -> str:
    """Return how fast it is, as far as the interval allows."""
    speedup = verdict.speedup
    if speedup is None and not verdict.timed_device:
        return "Correct in every call, under several orders of threads and blocks; nothing is timed on this device."
    if speedup is None:
        return "Correct in every call; it was not timed."
    if speedup.low > 1:
        return f"Correct, and {speedup.median:.2f} times as fast as {verdict.baseline} PyTorch."
    if speedup.high < 1:
        return f"Correct, but slower than {verdict.baseline} PyTorch: {speedup.median:.2f} times its speed."
    return f"Correct, and about as fast as {verdict.baseline} PyTorch ({speedup.median:.2f} times its speed)."


def facts(verdict: Verdict, measured: Measured) -> list[tuple[str, str]]:
    """Return the times, what they mean against the machine's limits, and the distance to earlier attempts."""
    speedup, times = verdict.speedup, verdict.measurement
    if speedup is None or times is None:
        return []
    own_ns, reference_ns = median(times.candidate_ns), median(times.reference_ns)
    found = [
        ("speedup", f"{speedup.median:.3f} (95 % interval {speedup.low:.3f} to {speedup.high:.3f})"),
        ("your time", f"{own_ns / 1e6:.3f} ms"),
        ("reference time", f"{reference_ns / 1e6:.3f} ms"),
    ]
    if measured.traffic_bytes:
        rate = measured.traffic_bytes / own_ns  # bytes per ns are GB/s
        found.append(("memory", f"moves {measured.traffic_bytes / 1e6:.4g} MB at least: {rate:.3g} GB/s at your time"))
    if measured.flops:
        found.append(
            ("arithmetic", f"{measured.flops / 1e9:.4g} GFLOP: {measured.flops / own_ns:.3g} GFLOP/s at your time")
        )
    if roof := verdict.roofline:
        limit = "memory" if roof.bound == "memory" else "arithmetic"
        said = f"you reach {roof.candidate_share:.0%} of that, the reference {roof.reference_share:.0%}"
        beyond = "" if roof.holds else ": less is to be done than was counted, so there may be more to gain"
        found.append(("roofline", f"{limit} allows {roof.sol_ns / 1e6:.3f} ms; {said}{beyond}"))
    for name, other in (("its predecessor", measured.parent), ("the best so far", measured.best)):
        if other is not None:
            number, reached = other
            found.append((f"against {name}", f"{speedup.median / reached:.2f} times as fast as attempt {number}"))
    return found


def advice(verdict: Verdict) -> str:
    """Return what to do with a correct kernel."""
    roof = verdict.roofline
    if roof is not None and roof.holds and roof.candidate_share >= AT_THE_ROOF:
        return "It is at the machine's limit: there is nothing left to gain. Hand it in as it is."
    if verdict.speedup is not None and verdict.speedup.low > 1:
        return "Keep it correct and make it faster still: change one thing, and say which."
    return "Keep it correct and make it faster: think about what bounds it (memory traffic, arithmetic, one thread)."


def features(verdict: Verdict) -> dict[str, str]:
    """Return what the verdict adds to a candidate's features: `roofline`, the share of the attainable speed it reaches.

    A bound that was disproved says nothing of what is left to gain, so that no search may end by it.
    """
    roof = verdict.roofline
    return {"roofline": f"{roof.candidate_share:.3f}"} if roof is not None and roof.holds else {}
