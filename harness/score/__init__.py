"""Pure functions over records: which verdict counts, `fast_p`, the mean speedup, the SOL score."""

from harness.score.baselines import against, conditions_of, differences, forms_missing
from harness.score.best import best_verdict, better
from harness.score.intervals import Interval, Outcome, share_interval
from harness.score.sol import mean_sol_score, sol_score, verdict_sol_score
from harness.score.speedup import geometric_mean, ratio
from harness.score.summary import Score, score
from harness.score.thresholds import THRESHOLDS, confident, fast_0_untimed, fast_p

__all__ = [
    "THRESHOLDS",
    "Interval",
    "Outcome",
    "Score",
    "against",
    "best_verdict",
    "better",
    "conditions_of",
    "confident",
    "differences",
    "fast_0_untimed",
    "fast_p",
    "forms_missing",
    "geometric_mean",
    "mean_sol_score",
    "ratio",
    "score",
    "share_interval",
    "sol_score",
    "verdict_sol_score",
]
