"""The SOL score: how much of the way from the baseline to the speed of light a kernel goes.

Lin et al., "SOL-ExecBench: Speed-of-Light Benchmarking for Real-World GPU Kernels Against Hardware Limits",
arXiv:2603.19173, 2026: S(T_k) = 1 / (1 + (T_k - T_SOL) / (T_b - T_SOL)) for the kernel's time T_k, the baseline's T_b
and the bound T_SOL, 0 for a wrong kernel, and the arithmetic mean over problems. There T_SOL is derived from a data
sheet and T_b is a published baseline; here T_SOL comes from peaks measured on the machine that ran the kernel, and T_b
is the baseline timed beside it.
"""

from collections.abc import Iterable

from harness.models import Verdict


def sol_score(candidate_ns: float, baseline_ns: float, sol_ns: float) -> float:
    """Return the score of a correct kernel: 0.5 as fast as the baseline, 1 at the bound, towards 0 the slower it is.

    A kernel at or beyond the bound scores 1: the formula would exceed 1 there, without limit, on the strength of a
    bound that was too cautious. Where the baseline itself is at or beyond the bound there is no way to go: 1 for a
    kernel that is there too, else 0.

    Raises:
        ValueError: a time is not positive.
    """
    if not min(candidate_ns, baseline_ns, sol_ns) > 0:
        raise ValueError("times are positive")
    if candidate_ns <= sol_ns:
        return 1.0
    if baseline_ns <= sol_ns:
        return 0.0
    return 1 / (1 + (candidate_ns - sol_ns) / (baseline_ns - sol_ns))


def verdict_sol_score(verdict: Verdict) -> float | None:
    """Return the score of the kernel that `verdict` is about, 0 unless it is correct.

    None where its bound is not known, or is disproved by the baseline: a score against no bound would flatter.
    """
    if not verdict.correct:
        return 0.0
    found = verdict.roofline
    return found.sol_score if found and not found.disproved else None


def mean_sol_score(verdicts: Iterable[Verdict]) -> tuple[float | None, int]:
    """Return the mean score and the number of tasks in it, one verdict on a timed device per task.

    A correct kernel without a score is in neither. Where no correct kernel has one there is no mean: failures alone would
    make a 0 that nobody measured.
    """
    judged = list(verdicts)
    if all(verdict_sol_score(verdict) is None for verdict in judged if verdict.correct):
        return None, 0
    scores = [score for verdict in judged if (score := verdict_sol_score(verdict)) is not None]
    return sum(scores) / len(scores), len(scores)
