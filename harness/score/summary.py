"""The score of a run: one verdict per task goes in, the published numbers come out."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from harness.models import Status, Verdict
from harness.score.intervals import Interval, Outcome, share_interval
from harness.score.sol import mean_sol_score
from harness.score.speedup import geometric_mean
from harness.score.thresholds import THRESHOLDS, confident, fast_0_untimed, fast_p


@dataclass(frozen=True)
class Score:
    """The numbers of one run."""

    tasks: int
    """Tasks that count: those that could be judged."""
    infra_errors: int
    """Tasks that could not be judged; they do not count."""
    correct: int
    """Tasks with a correct candidate."""
    fast_p: dict[float, float]
    """p -> share of the tasks on timed devices that are correct and more than p times as fast; empty without any."""
    fast_p_interval: dict[float, Interval]
    """p -> 95 % interval of that share, over problems and over each problem's own interval."""
    counted_by: str
    """What has to be above p for `fast_p`: the `median` of a speedup, or the `lower bound` of its interval."""
    confident: dict[float, int]
    """p -> number of tasks whose whole interval lies above p."""
    geomean_speedup: float | None
    """Geometric mean over the correct, timed tasks; null where there are none. Failures are not in it."""
    statuses: dict[str, int]
    """Status -> number of tasks, `infra_error` included."""
    untimed: int
    """Tasks judged on a device that times nothing (`emulated`, `interpreter`); `fast_p` does not count them."""
    fast_0_untimed: float | None
    """Share of correct ones among those; null without any."""
    sol_score: float | None = None
    """Mean SOL score of the tasks on timed devices, 0 for a failure; null where no bound is known (`harness.score.sol`)."""
    sol_tasks: int = 0
    """Tasks in that mean: a correct kernel whose bound is not known is left out."""


def score(verdicts: Iterable[Verdict], *, confident_only: bool = False) -> Score:
    """Return the score of `verdicts`, the best one of each task; `confident_only` counts by lower bounds."""
    everything = list(verdicts)
    judged = [verdict for verdict in everything if verdict.status is not Status.INFRA_ERROR]
    timed = [verdict for verdict in judged if verdict.timed_device]
    outcomes = [Outcome.of(verdict) for verdict in timed]
    sol, sol_tasks = mean_sol_score(timed)
    return Score(
        tasks=len(judged),
        infra_errors=len(everything) - len(judged),
        correct=sum(verdict.correct for verdict in judged),
        fast_p={p: fast_p(timed, p, confident=confident_only) for p in THRESHOLDS} if timed else {},
        fast_p_interval={p: share_interval(outcomes, p, confident=confident_only) for p in THRESHOLDS if timed},
        counted_by="lower bound" if confident_only else "median",
        confident={p: confident(timed, p) for p in THRESHOLDS} if timed else {},
        geomean_speedup=geometric_mean(v.speedup.median for v in judged if v.correct and v.speedup),
        statuses=dict(Counter(verdict.status.value for verdict in everything)),
        untimed=len(judged) - len(timed),
        fast_0_untimed=fast_0_untimed(judged),
        sol_score=sol,
        sol_tasks=sol_tasks,
    )
