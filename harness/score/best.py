"""Which of several verdicts on one task counts."""

from collections.abc import Iterable

from harness.models import Stage, Status, Verdict

_STANDING = {Status.CORRECT: 2, Status.INCONCLUSIVE: 1, Status.INFRA_ERROR: -1}
_STAGES = tuple(Stage)


def best_verdict(verdicts: Iterable[Verdict]) -> Verdict | None:
    """Return the one of `verdicts`, oldest first, that stands for their task; null where there are none."""
    best: Verdict | None = None
    for verdict in verdicts:
        if best is None or better(verdict, best):
            best = verdict
    return best


def better(newer: Verdict, older: Verdict) -> bool:
    """Whether `newer` is to stand for a task in place of `older`.

    Correct beats right but not timed, which beats every failure, which beats what could not be judged. Of correct ones
    the faster counts, of equally fast ones the older: it needed fewer attempts. Of failures the one that came further
    counts, and of equal ones the newer: it has seen more feedback.
    """
    new, old = _rank(newer), _rank(older)
    return new > old or (new == old and new[0] <= 0)


def _rank(verdict: Verdict) -> tuple[int, float, int]:
    speed = verdict.speedup.median if verdict.speedup else 0.0
    return _STANDING.get(verdict.status, 0), speed, _STAGES.index(verdict.stage)
