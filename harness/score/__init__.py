"""Pure functions over records: which verdict counts, `fast_p`, the mean speedup."""

from harness.score.best import best_verdict, better
from harness.score.intervals import Interval, Outcome, share_interval
from harness.score.speedup import geometric_mean, ratio
from harness.score.summary import Score, score
from harness.score.thresholds import THRESHOLDS, confident, fast_0_untimed, fast_p

__all__ = [
    "THRESHOLDS",
    "Interval",
    "Outcome",
    "Score",
    "best_verdict",
    "better",
    "confident",
    "fast_0_untimed",
    "fast_p",
    "geometric_mean",
    "ratio",
    "score",
    "share_interval",
]
