"""The mean of speedups, and the ratio of two."""

import math
from collections.abc import Iterable

from harness.models import Speedup


def geometric_mean(speedups: Iterable[float]) -> float | None:
    """Return the geometric mean, or None of no values.

    Ratios average in the log domain: twice as fast and half as fast make 1, as in Fleming and Wallace, "How not to lie
    with statistics: the correct way to summarize benchmark results", CACM 29(3), 1986.

    Raises:
        ValueError: a value is not a positive number.
    """
    values = list(speedups)
    if not values:
        return None
    if not all(0 < value < math.inf for value in values):
        raise ValueError("speedups are positive numbers")
    return math.exp(math.fsum(map(math.log, values)) / len(values))


def ratio(newer: Speedup, older: Speedup) -> Speedup:
    """Return `newer` over `older` with a 95 % interval from theirs, which are independent.

    The logarithms are subtracted and the distances to the ends of the intervals added in squares: MOVER, the method of
    variance estimates recovery (Zou and Donner, Statistics in Medicine 27, 2008, section 2).
    """
    log = math.log
    middle = log(newer.median / older.median)
    down = math.hypot(log(newer.median / newer.low), log(older.high / older.median))
    up = math.hypot(log(newer.high / newer.median), log(older.median / older.low))
    return Speedup(median=math.exp(middle), low=math.exp(middle - down), high=math.exp(middle + up))
