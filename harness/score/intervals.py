"""How far a fast_p could be another one: with other problems of the same kind, and with the same kernels timed again.

Problems are drawn with replacement (all samples of a problem together, as they are no independent problems), and of each
drawn task it is drawn anew whether it is above p, from the interval of its own speedup. Source: the nonparametric bootstrap
of Efron and Tibshirani, "An Introduction to the Bootstrap", chapters 8 and 13. Where all problems agree that has no width,
as if the next problem could not differ; the ends are therefore at least as far out as those of Wilson's interval for as
many problems (JASA 22, 1927).
"""

import math
from collections.abc import Iterable, Sequence
from statistics import NormalDist
from typing import NamedTuple

from harness.models import Speedup, Verdict

RESAMPLES = 2000
Z = NormalDist().inv_cdf(0.975)


class Interval(NamedTuple):
    """A 95 % interval of a share."""

    low: float
    """Lower end."""
    high: float
    """Upper end."""


class Outcome(NamedTuple):
    """What one task came to, as far as fast_p looks at it."""

    problem: str
    """Problem that it is a sample of."""
    correct: bool
    """Whether its kernel is right."""
    speedup: Speedup | None
    """Against the baseline; null where nothing was timed."""

    @classmethod
    def of(cls, verdict: Verdict) -> "Outcome":
        """Return a verdict's outcome."""
        return cls(verdict.problem_id, verdict.correct, verdict.speedup)

    def above(self, p: float, *, confident: bool) -> bool:
        """Whether it counts: correct, and its speedup (`confident`: the whole interval of it) strictly above `p`.

        At p = 0 what is correct counts, timed or not.
        """
        if not self.correct or self.speedup is None:
            return self.correct and p <= 0
        return (self.speedup.low if confident else self.speedup.median) > p

    def chance(self, p: float) -> float:
        """Return how likely the speedup is above `p` when it is measured again: normal in the logarithm, see `ratio`."""
        if not self.correct or self.speedup is None or p <= 0:
            return float(self.above(p, confident=False))
        spread = math.log(self.speedup.high / self.speedup.low) / (2 * Z)
        away = math.log(self.speedup.median / p)
        return NormalDist(away, spread).cdf(2 * away) if spread > 0 else float(away > 0)


def share_interval(outcomes: Iterable[Outcome], p: float, *, confident: bool = False) -> Interval:
    """Return the 95 % interval of the share of `outcomes` above `p`.

    `confident` asks for the whole interval of each speedup: its width is in the share itself then and is not drawn again.

    Raises:
        ValueError: there are no outcomes.
    """
    import numpy as np

    tasks = list(outcomes)
    if not tasks:
        raise ValueError("an interval needs at least one outcome")
    counted = [task.above(p, confident=confident) for task in tasks]
    chances = [float(c) for c in counted] if confident else [task.chance(p) for task in tasks]
    groups = _by_problem([task.problem for task in tasks])
    longest = max(map(len, groups))
    table = np.zeros((len(groups), longest))
    for row, group in enumerate(groups):
        table[row, : len(group)] = [chances[i] for i in group]
    random = np.random.default_rng(0)  # two readers of the same run are to see the same interval
    drawn = random.integers(len(groups), size=(RESAMPLES, len(groups)))
    above = (random.random((RESAMPLES, len(groups), longest)) < table[drawn]).sum(axis=(1, 2))
    shares = above / np.array([len(group) for group in groups])[drawn].sum(axis=1)
    low, high = (float(end) for end in np.quantile(shares, [0.025, 0.975]))
    least, most = wilson(sum(counted) / len(tasks), len(groups))
    return Interval(min(low, least), max(high, most))


def wilson(share: float, count: int) -> Interval:
    """Return Wilson's 95 % interval of a share of `count` independent trials."""
    middle = (share + Z**2 / (2 * count)) / (1 + Z**2 / count)
    half = Z / (1 + Z**2 / count) * math.sqrt(share * (1 - share) / count + Z**2 / (4 * count**2))
    return Interval(max(0.0, middle - half), min(1.0, middle + half))


def _by_problem(names: Sequence[str]) -> list[list[int]]:
    found: dict[str, list[int]] = {}
    for index, name in enumerate(names):
        found.setdefault(name, []).append(index)
    return list(found.values())
