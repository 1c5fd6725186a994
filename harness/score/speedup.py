"""The mean of speedups."""

import math
from collections.abc import Iterable


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
