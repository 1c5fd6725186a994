"""fast_p: the share of tasks solved correctly and at least `p` times as fast as the baseline.

Ouyang et al., "KernelBench: Can LLMs Write Efficient GPU Kernels?", ICML 2025, section 3.3.
"""

from collections.abc import Iterable

from harness.models import Verdict

THRESHOLDS = (0.0, 0.5, 0.8, 1.0, 1.5, 2.0)
"""The values of p that are reported."""


def fast_p(verdicts: Iterable[Verdict], p: float = 1.0) -> float:
    """Return the fraction of `verdicts` that are correct with a speedup strictly above `p`.

    One verdict per task. A task that failed in any way counts against the score; a task that could not be judged
    (`infra_error`) is not a task, so pass it in only after it has been retried. At p = 0 a correct candidate counts
    whether it was timed or not.

    Raises:
        ValueError: there are no verdicts; a score of nothing is not zero.
    """
    judged = list(verdicts)
    if not judged:
        raise ValueError("fast_p needs at least one verdict")
    return sum(_faster(verdict, p) for verdict in judged) / len(judged)


def confident(verdicts: Iterable[Verdict], p: float = 1.0) -> int:
    """Return how many of `verdicts` are correct with the whole interval of the speedup above `p`."""
    return sum(v.correct and v.speedup is not None and v.speedup.low > p for v in verdicts)


def _faster(verdict: Verdict, p: float) -> bool:
    if not verdict.correct:
        return False
    return p <= 0 if verdict.speedup is None else verdict.speedup.median > p
