"""The speedup and its interval from paired times: pure functions.

Two processes of the same code differ by a few per cent (memory layout), and calls within a process by their own noise.
Calls are therefore grouped in blocks, each with a fresh pair of processes, and the bootstrap resamples blocks, then pairs
within them. With B blocks a bootstrap of blocks understates the spread by sqrt((B-1)/B); the interval is widened by it.

Source of the resampling: Davison and Hinkley, "Bootstrap Methods and their Application", section 3.8 (hierarchical data).
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from harness.models import EvalOptions, Speedup, WarmReading
from harness.score import THRESHOLDS

Array = NDArray[np.float64]
RESAMPLES = 2000
MIN_BLOCKS = 4
ROUGH_WIDTH = 0.5
"""Relative width of the interval above which the time budget is stretched threefold."""
USELESS_RATIO = 3.0
"""Upper over lower end of an interval above which it is no answer, if it does not even tell slower from faster."""
LEVEL = 0.98
"""Level of each look. Sampling stops once the interval is narrow, so that narrow ones are met too often, and a shared
machine drifts more slowly than any resampling sees. Simulated with stopping and noise between blocks, the interval covers
the truth in over 95 % of cases."""
STUDENT_T = {1: 31.82, 2: 6.96, 3: 4.54, 4: 3.75, 5: 3.36, 6: 3.14, 7: 3.00, 8: 2.90, 9: 2.82}
"""99 % quantiles by degrees of freedom; 2.33 is the limit."""


def speedup(
    reference_ns: Sequence[int], candidate_ns: Sequence[int], block: Sequence[int], preempted: Sequence[bool] = ()
) -> Speedup:
    """Return median and 95 % interval of the paired ratios reference over candidate.

    Pairs in which the kernel took the core away are left out, as long as that leaves at least half of them: a candidate
    that sleeps is away in every pair, and is measured with its sleep.

    Raises:
        ValueError: there are no pairs, or the lists differ in length.
    """
    if not reference_ns or not len(reference_ns) == len(candidate_ns) == len(block):
        raise ValueError("a speedup needs pairs")
    logs = np.log(np.asarray(reference_ns, dtype=float)) - np.log(np.asarray(candidate_ns, dtype=float))
    blocks = np.asarray(block)
    kept = np.asarray(counted(preempted, len(logs)), dtype=bool)
    logs, blocks = logs[kept], blocks[kept]
    groups = [logs[blocks == b] for b in dict.fromkeys(blocks.tolist())]
    centre = float(np.median(logs))
    half = max(_bootstrap_half(groups, centre), _student_half(groups))
    return Speedup(median=math.exp(centre), low=math.exp(centre - half), high=math.exp(centre + half))


def counted(preempted: Sequence[bool], pairs: int) -> list[bool]:
    """Return for each pair whether it counts: all do where more than half were preempted, or nobody looked."""
    kept = [not was for was in preempted]
    return kept if kept and 2 * sum(kept) >= pairs else [True] * pairs


def _bootstrap_half(groups: list[Array], centre: float) -> float:
    """Half the width of the hierarchical bootstrap interval around `centre`, in log space."""
    random = np.random.default_rng(0)  # resampling noise is not to differ between two readers of the same times
    count, longest = len(groups), max(map(len, groups))
    sizes = np.array([len(g) for g in groups])
    table = np.full((count, longest), np.nan)
    for row, group in enumerate(groups):
        table[row, : len(group)] = group
    picked = random.integers(count, size=(RESAMPLES, count))
    within = (random.random((RESAMPLES, count, longest)) * sizes[picked][..., None]).astype(int)
    drawn = table[picked[..., None], within]
    drawn[np.arange(longest) >= sizes[picked][..., None]] = np.nan
    medians = np.nanmedian(drawn.reshape(RESAMPLES, -1), axis=1)
    low, high = np.quantile(medians, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    widen = math.sqrt(count / (count - 1)) if count > 1 else 1.0
    return float(max(high - centre, centre - low)) * widen


def _student_half(groups: list[Array]) -> float:
    """Half the width of Student's interval over the blocks' medians, in log space; 0 with a single block."""
    if len(groups) < 2:
        return 0.0
    medians = np.array([np.median(g) for g in groups])
    t = STUDENT_T.get(len(groups) - 1, 2.33)
    return float(t * medians.std(ddof=1) / math.sqrt(len(groups)))


def warm_reading(reference_ns: Sequence[int], candidate_ns: Sequence[int]) -> WarmReading | None:
    """Return what the pairs without a flush say, the first left out: it found the caches cold. None without a second."""
    reference, candidate = list(reference_ns[1:]), list(candidate_ns[1:])
    if not reference:
        return None
    ratios = np.asarray(reference, dtype=float) / np.asarray(candidate, dtype=float)
    return WarmReading(reference_ns=reference, candidate_ns=candidate, ratio=float(np.median(ratios)))


def stop_reason(options: EvalOptions, estimate: Speedup, block: Sequence[int], elapsed_s: float) -> str | None:
    """Return why sampling may end now (`interval`, `trials`, `time`), or None if it goes on.

    An interval is narrow enough at the width that was asked for, or at three times that where no threshold of fast_p lies
    in it: more calls would then not change any score.
    """
    if len(block) >= options.max_pairs:
        return "trials"
    if len(block) < options.min_pairs or len(set(block)) < MIN_BLOCKS:
        return None
    width = (estimate.high - estimate.low) / estimate.median
    clear = not any(estimate.low <= p <= estimate.high for p in THRESHOLDS)
    if width <= options.interval_width * (3 if clear else 1):
        return "interval"
    patience = 1 if width <= ROUGH_WIDTH else 3
    return "time" if elapsed_s > patience * options.timing_budget_s else None


def conclusive(estimate: Speedup) -> bool:
    """Whether the interval says anything: a machine too noisy for that gives no speedup."""
    return estimate.high / estimate.low <= USELESS_RATIO or not estimate.low <= 1.0 <= estimate.high
