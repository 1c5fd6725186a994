"""fast_p: the share of tasks solved correctly and at least `p` times as fast as the baseline.

Ouyang et al., "KernelBench: Can LLMs Write Efficient GPU Kernels?", ICML 2025, section 3.3.
"""

from collections.abc import Iterable

from harness.models import Verdict
from harness.score.intervals import Outcome

THRESHOLDS = (0.0, 0.5, 0.8, 1.0, 1.5, 2.0)
"""The values of p that are reported."""


def fast_p(verdicts: Iterable[Verdict], p: float = 1.0, *, confident: bool = False) -> float:
    """Return the fraction of `verdicts` that are correct with a speedup strictly above `p`.

    The speedup is the median; with `confident` the whole interval has to be above `p`.

    One verdict per task. A task that failed in any way counts against the score; a task that could not be judged
    (`infra_error`) is not a task, so pass it in only after it has been retried. At p = 0 a correct candidate counts
    whether it was timed or not.

    Raises:
        ValueError: there are no verdicts, as a score of nothing is not zero; or one is from a device that times nothing
            (`emulated`, `interpreter`): how many of those are right is another number, `fast_0_untimed`.
    """
    judged = list(verdicts)
    if not judged:
        raise ValueError("fast_p needs at least one verdict")
    if other := next((verdict for verdict in judged if not verdict.timed_device), None):
        raise ValueError(f"fast_p counts no verdict of device {other.device}: nothing is timed there")
    return sum(Outcome.of(verdict).above(p, confident=confident) for verdict in judged) / len(judged)


def fast_0_untimed(verdicts: Iterable[Verdict]) -> float | None:
    """Return the fraction of correct ones among the `verdicts` of devices that time nothing; None where there are none."""
    untimed = [verdict for verdict in verdicts if not verdict.timed_device]
    return sum(verdict.correct for verdict in untimed) / len(untimed) if untimed else None


def confident(verdicts: Iterable[Verdict], p: float = 1.0) -> int:
    """Return how many of `verdicts` are correct with the whole interval of the speedup above `p`."""
    return sum(v.correct and v.speedup is not None and v.speedup.low > p for v in verdicts)
