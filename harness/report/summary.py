"""The numbers of a run, recomputed from its folder. The table and `--json` show these and no others."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from harness.models import Attempt, Event, RunConfig, Speedup, Usage, Verdict
from harness.score import Score, score, verdict_sol_score
from harness.search import SearchState, task_id
from harness.search.ledger import PAID
from harness.store import RunFolder, read_config, read_events


@dataclass(frozen=True)
class Row:
    """One task of a run."""

    problem: str
    """Id of the problem."""
    name: str
    """Its name; empty where the problem is no longer found."""
    sample: int
    """Which independent search, from 0."""
    best: Attempt | None
    """The attempt that counts; null before the first verdict."""
    statuses: tuple[str, ...]
    """Status of each attempt, in order."""
    finished: str | None
    """Why the search ended; null while it goes on."""


@dataclass(frozen=True)
class RunReport:
    """A run, summarised."""

    folder: RunFolder
    """Where it is."""
    config: RunConfig
    """What was asked for."""
    rows: tuple[Row, ...]
    """Tasks, in the order of the selection."""
    score: Score
    """Scores over the tasks that have a verdict."""
    usage: Usage
    """Tokens of all replies."""
    cost_usd: float | None
    """Price of all replies; null where one of them has no known price."""
    interrupted: bool
    """Whether tasks are left to do."""

    @property
    def verdicts(self) -> list[Verdict]:
        """The verdicts that count."""
        return [row.best.verdict for row in self.rows if row.best]

    @property
    def isolation(self) -> str | None:
        """Grades of the confinement that the counted candidates ran in, weakest first; null where none ran."""
        grades = {verdict.isolation.grade.value for verdict in self.verdicts if verdict.isolation}
        return "/".join(sorted(grades, reverse=True)) or None

    @property
    def doorbell_ns(self) -> int | None:
        """Median cost of ringing a worker that computes nothing; null where nothing was timed."""
        found = [verdict.measurement.doorbell_ns for verdict in self.verdicts if verdict.measurement]
        return round(median(found)) if found else None

    @property
    def baselines(self) -> list[str]:
        """What the speedups are relative to."""
        return sorted({verdict.baseline for verdict in self.verdicts if verdict.speedup})

    @property
    def untimed_devices(self) -> list[str]:
        """Devices of the counted verdicts that time nothing."""
        return sorted({verdict.device for verdict in self.verdicts if not verdict.timed_device})

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain data: the numbers of the table and the digests behind them."""
        return {
            "run": self.folder.id,
            "path": str(self.folder.path),
            "config": self.config.model_dump(mode="json"),
            "interrupted": self.interrupted,
            "score": asdict(self.score)
            | {
                "fast_p": {f"{p:g}": share for p, share in self.score.fast_p.items()},
                "fast_p_interval": {f"{p:g}": ends._asdict() for p, ends in self.score.fast_p_interval.items()},
                "confident": {f"{p:g}": count for p, count in self.score.confident.items()},
            },
            "isolation": self.isolation,
            "doorbell_ns": self.doorbell_ns,
            "baselines": self.baselines,
            "usage": self.usage.model_dump(),
            "cost_usd": self.cost_usd,
            "tasks": [self._task(row) for row in self.rows],
        }

    def _task(self, row: Row) -> dict[str, Any]:
        verdict = row.best.verdict if row.best else None
        digest = row.best.candidate_sha256 if row.best else None
        return {
            "problem": row.problem,
            "name": row.name,
            "sample": row.sample,
            "status": verdict.status.value if verdict else None,
            "device": verdict.device if verdict else None,
            "speedup": verdict.speedup.model_dump() if verdict and verdict.speedup else None,
            "roofline": verdict.roofline.model_dump() if verdict and verdict.roofline else None,
            "sol_score": verdict_sol_score(verdict) if verdict and verdict.timed_device else None,
            "upstream_correct": verdict.upstream_correct if verdict else None,
            "upstream_v0_correct": verdict.upstream_v0_correct if verdict else None,
            "attempts": len(row.statuses),
            "statuses": list(row.statuses),
            "evidence": verdict.evidence.model_dump() if verdict else None,
            "candidate": str(self.folder.artifact(digest)) if digest else None,
            "node": row.best.node if row.best else None,
            "finished": row.finished,
        }


def summarise(folder: RunFolder, names: Mapping[str, str] | None = None, *, confident: bool = False) -> RunReport:
    """Read the run in `folder`, finished or not; `names` are those of its problems, looked up where they are not given.

    With `confident`, fast_p counts only tasks whose whole interval of the speedup is above p.

    Raises:
        StoreError: the folder cannot be read.
    """
    config = read_config(folder.config)
    events = read_events(folder.events) if folder.events.exists() else []
    by_task: dict[str, list[Event]] = {}
    for event in events:
        if event.task:
            by_task.setdefault(event.task, []).append(event)
    names = problem_names(config) if names is None else names
    rows = tuple(
        _row(problem, names.get(problem, ""), sample, by_task.get(task_id(problem, sample), []))
        for problem in config.problems
        for sample in range(config.samples)
    )
    paid = [event for event in events if event.type in PAID]
    costs = [event.cost_usd for event in paid]
    return RunReport(
        folder=folder,
        config=config,
        rows=rows,
        score=score((row.best.verdict for row in rows if row.best), confident_only=confident),
        usage=_total(event.usage for event in paid if event.usage),
        cost_usd=None if None in costs else sum(cost for cost in costs if cost is not None),
        interrupted=any(row.finished is None for row in rows),
    )


def problem_names(config: RunConfig) -> dict[str, str]:
    """Return the names of a run's problems; one that is gone since has none."""
    from harness.errors import UsageError
    from harness.suite import select

    try:
        return {problem.id: problem.name for problem in select(config.suite)}
    except UsageError:
        return {}


def outcome(speedup: Speedup) -> str:
    """Return what a speedup says, as far as its interval allows."""
    if speedup.low > 1:
        return "faster"
    return "slower" if speedup.high < 1 else "no difference"


def _row(problem: str, name: str, sample: int, events: Iterable[Event]) -> Row:
    state = SearchState.replay(task_id(problem, sample), events)
    statuses = tuple(attempt.verdict.status.value for attempt in state.attempts)
    return Row(problem, name, sample, state.best, statuses, state.finished)


def _total(usages: Iterable[Usage]) -> Usage:
    return sum(usages, Usage())
