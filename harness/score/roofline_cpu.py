"""The roofline of a timed CPU kernel, from measured peaks and counted work.

Pure. Memory: the least time in which the kernels of STREAM, one after another, move as many bytes in and out; that is
what the machine was seen to do, so a problem that reads and writes is held against a copy and not against a read.
Caches that are emptied before each call leave everything to DRAM; warm ones may hold what fits. Arithmetic: the higher
of `torch.mm` and vector multiply-adds in the problem's own dtype; elementwise work is not counted. The two overlap
entirely.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations_with_replacement

from harness.devices.peaks import Peaks
from harness.models import Roofline
from harness.score.sol import sol_score

READ_SHARE = {"read": 1.0, "write": 0.0, "copy": 1 / 2, "triad": 2 / 3}
"""Kernel -> share of the bytes it moves that it reads."""


@dataclass(frozen=True)
class Work:
    """What one call has to do at least."""

    flops: int | None
    """Counted operations; null where they could not be counted."""
    read_bytes: int
    """Inputs, parameters and buffers."""
    written_bytes: int
    """Outputs."""
    dtype: str
    """The widest floating type among inputs and outputs: `float32`."""


def cpu_roofline(work: Work, peaks: Peaks, candidate_ns: int, reference_ns: int, *, cold_cache: bool) -> Roofline:
    """Return where the median times `candidate_ns` and `reference_ns` stand against `peaks`.

    `peaks` are those of as many threads as either side had.
    """
    memory, memory_ns = memory_time(work, peaks, cold_cache=cold_cache)
    peak = peaks.arithmetic(work.dtype) if work.flops else None
    compute_ns = work.flops / peak[1] * 1e9 if work.flops and peak else 0.0
    sol_ns = max(1, round(max(memory_ns, compute_ns)))
    return Roofline(
        flops=work.flops,
        read_bytes=work.read_bytes,
        written_bytes=work.written_bytes,
        memory=memory,
        bytes_per_s=(work.read_bytes + work.written_bytes) / memory_ns * 1e9,
        arithmetic=peak[0] if peak else None,
        flop_per_s=peak[1] if peak else None,
        memory_ns=round(memory_ns),
        compute_ns=round(compute_ns),
        bound="memory" if memory_ns >= compute_ns else "compute",
        sol_ns=sol_ns,
        candidate_ns=candidate_ns,
        reference_ns=reference_ns,
        candidate_share=sol_ns / candidate_ns,
        reference_share=sol_ns / reference_ns,
        headroom=candidate_ns / sol_ns,
        sol_score=sol_score(candidate_ns, reference_ns, sol_ns),
    )


def memory_time(work: Work, peaks: Peaks, *, cold_cache: bool) -> tuple[str, float]:
    """Return where the bytes come from and the time to move them, in ns."""
    read, written = work.read_bytes, work.written_bytes
    rates, caches = peaks.bytes_per_s, peaks.cache_bytes
    if cold_cache:
        return "dram", moving_ns(read, written, rates["dram"])
    for level in ("l2", "llc"):
        if read + written <= caches[level]:
            return level, moving_ns(read, written, rates[level])
    kept = caches["llc"] / (read + written)
    near = moving_ns(read * kept, written * kept, rates["llc"])
    return "llc and dram", near + moving_ns(read * (1 - kept), written * (1 - kept), rates["dram"])


def moving_ns(read_bytes: float, written_bytes: float, rates: Mapping[str, float]) -> float:
    """Return the least time, in ns, in which kernels at `rates` (kind -> bytes per second) move at least as many bytes.

    The best mix of kernels: a linear programme with two constraints, so that two kernels are enough. At least 1e-3 ns.
    """
    best = math.inf
    for one, other in combinations_with_replacement(rates, 2):
        in_one, in_other = (READ_SHARE[kind] * rates[kind] for kind in (one, other))
        out_one, out_other = (rates[kind] - own for kind, own in ((one, in_one), (other, in_other)))
        for time_s in _times(read_bytes, written_bytes, (in_one, out_one), (in_other, out_other)):
            best = min(best, time_s)
    return max(best * 1e9, 1e-3)


def _times(read: float, written: float, one: tuple[float, float], other: tuple[float, float]) -> "list[float]":
    """Return the times, in s, of using `one` alone, and of both so that neither moves too much."""
    found = []
    needed = [amount / rate if rate else math.inf for amount, rate in zip((read, written), one, strict=True) if amount]
    found.append(max(needed, default=0.0))
    determinant = one[0] * other[1] - other[0] * one[1]
    if determinant:
        first = (read * other[1] - written * other[0]) / determinant
        second = (one[0] * written - one[1] * read) / determinant
        if first >= 0 and second >= 0:
            found.append(first + second)
    return found
