"""Runs side by side: what each made of the same problems, and what that cost. Recomputed from their logs alone."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from harness.errors import UsageError
from harness.models import Event, EventType, Speedup, Status, Verdict
from harness.report.summary import Row, RunReport, summarise
from harness.score import better, geometric_mean
from harness.search import task_id
from harness.store import RunFolder, read_events


@dataclass(frozen=True)
class Cell:
    """What one run made of one task."""

    status: str | None
    """Status of the verdict that counts; null before the first."""
    speedup: Speedup | None
    """Against the baseline."""


@dataclass(frozen=True)
class Pair:
    """One task in all runs."""

    task: str
    """`level1/23`, or `level1/23#1` where runs have several samples."""
    cells: tuple[Cell, ...]
    """Per run, in order."""
    ratios: tuple[Speedup | None, ...]
    """Per run: its speedup over the first run's, with a 95 % interval; null where one of them has none."""


@dataclass(frozen=True)
class Point:
    """What a run had reached when each of its tasks had been asked so many times."""

    calls_per_task: int
    """Calls to the model that every task was allowed."""
    calls: int
    """Calls that all tasks together had made by then."""
    cost_usd: float | None
    """Price of these calls; null where it is not known."""
    correct: float
    """Share of tasks with a correct kernel."""
    fast_1: float
    """Share of tasks with a correct kernel that is faster than the baseline."""
    best_so_far: float
    """Mean over the tasks of the best speedup so far, 0 where there is no correct kernel; it never falls."""


@dataclass(frozen=True)
class Contender:
    """One run of the comparison."""

    label: str
    """Letter that it goes by."""
    report: RunReport
    """Its own report."""
    curve: tuple[Point, ...]
    """Best so far against calls and cost, from the first call per task on."""
    geomean_ratio: float | None
    """Geometric mean of its ratios to the first run, over the tasks that have one."""
    wins: int
    """Tasks on which it is faster than the first run, by the whole interval, or correct where the first is not."""
    losses: int
    """The other way round."""


@dataclass(frozen=True)
class Comparison:
    """Runs on the same problems and tier."""

    contenders: tuple[Contender, ...]
    """The runs, in the order in which they were named; the first is what the others are measured by."""
    pairs: tuple[Pair, ...]
    """Tasks, in the order of the first run."""
    equal_calls: int
    """Calls per task that every curve goes as far as: a comparison of strategies holds at equal budgets."""

    def to_json(self) -> dict[str, Any]:
        """Return the comparison as plain data."""
        return {
            "runs": [_contender(contender) for contender in self.contenders],
            "problems": [
                {
                    "task": pair.task,
                    "runs": [
                        {
                            "status": cell.status,
                            "speedup": cell.speedup.model_dump() if cell.speedup else None,
                            "ratio": ratio.model_dump() if ratio else None,
                        }
                        for cell, ratio in zip(pair.cells, pair.ratios, strict=True)
                    ],
                }
                for pair in self.pairs
            ],
            "equal_calls": self.equal_calls,
        }


def compare(folders: Sequence[RunFolder]) -> Comparison:
    """Compare two or more runs.

    Raises:
        UsageError: there are fewer than two, or they are not on the same problems, tier, samples, threads and baseline.
        StoreError: a folder cannot be read.
    """
    if len(folders) < 2:
        raise UsageError("a comparison needs at least two runs: harness compare RUN RUN")
    reports = [summarise(folder) for folder in folders]
    for other in reports[1:]:
        _same_questions(reports[0], other)
    rows = [{(row.problem, row.sample): row for row in report.rows} for report in reports]
    several = reports[0].config.samples > 1
    pairs = tuple(
        _pair(f"{problem}#{sample}" if several else problem, [found[problem, sample] for found in rows])
        for problem, sample in rows[0]
    )
    contenders = tuple(_make(number, report, pairs) for number, report in enumerate(reports))
    return Comparison(contenders, pairs, min(len(contender.curve) for contender in contenders))


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


def _same_questions(first: RunReport, other: RunReport) -> None:
    one, two = first.config, other.config
    if set(one.problems) != set(two.problems):
        apart = sorted(set(one.problems) ^ set(two.problems))
        shown = ", ".join(apart[:3]) + (f" and {len(apart) - 3} more" if len(apart) > 3 else "")
        said = f"are not on the same problems ({shown} only in one of them)"
    elif one.tier != two.tier:
        said = f"are not on the same tier ({one.tier.value} and {two.tier.value})"
    elif one.samples != two.samples:
        said = f"do not have as many samples per problem ({one.samples} and {two.samples})"
    elif one.threads != two.threads:
        said = f"were not given as many threads ({one.threads} and {two.threads})"
    elif first.baselines and other.baselines and first.baselines != other.baselines:
        said = f"are not against the same baseline ({', '.join(first.baselines)} and {', '.join(other.baselines)})"
    else:
        return
    raise UsageError(f"runs {first.folder.id} and {other.folder.id} {said}, so they cannot be compared")


def _pair(task: str, rows: Sequence[Row]) -> Pair:
    cells = tuple(
        Cell(row.best.verdict.status.value, row.best.verdict.speedup) if row.best else Cell(None, None) for row in rows
    )
    base = cells[0].speedup
    ratios = tuple(ratio(cell.speedup, base) if cell.speedup and base else None for cell in cells)
    return Pair(task, cells, ratios)


def _make(number: int, report: RunReport, pairs: Sequence[Pair]) -> Contender:
    ratios = [found.median for pair in pairs if (found := pair.ratios[number]) is not None]
    outcomes = [_outcome(pair, number) for pair in pairs]
    return Contender(
        label=chr(ord("A") + number) if number < 26 else f"R{number + 1}",
        report=report,
        curve=tuple(_curve(report)),
        geomean_ratio=geometric_mean(ratios) if number else None,
        wins=outcomes.count(1),
        losses=outcomes.count(-1),
    )


def _outcome(pair: Pair, number: int) -> int:
    """Return 1 where the run beats the first one on a task, -1 where it loses, 0 where neither can be said."""
    found = pair.ratios[number]
    if found is not None:
        return 1 if found.low > 1 else -1 if found.high < 1 else 0
    mine, first = (pair.cells[i].status == Status.CORRECT.value for i in (number, 0))
    return int(mine) - int(first)


def _curve(report: RunReport) -> Iterator[Point]:
    """Yield what had been reached after 1, 2 ... calls per task, as far as any task of the run went."""
    by_task: dict[str, list[Event]] = {task_id(row.problem, row.sample): [] for row in report.rows}
    for event in read_events(report.folder.events) if report.folder.events.exists() else []:
        if event.task in by_task:
            by_task[event.task].append(event)
    tracks = [_track(events) for events in by_task.values()]
    for calls in range(1, max((len(track) for track in tracks), default=0) + 1):
        reached = [track[min(calls, len(track)) - 1] for track in tracks if track]
        costs = [step.cost_usd for step in reached]
        speeds = [_speed(step.best) for step in reached]
        yield Point(
            calls_per_task=calls,
            calls=sum(min(calls, len(track)) for track in tracks),
            cost_usd=None if None in costs else sum(cost for cost in costs if cost is not None),
            correct=sum(bool(step.best and step.best.correct) for step in reached) / len(tracks),
            fast_1=sum(speed > 1 for speed in speeds) / len(tracks),
            best_so_far=sum(speeds) / len(tracks),
        )


@dataclass(frozen=True)
class _Step:
    """A task after one of its calls, and the verdicts that came before the next one."""

    cost_usd: float | None
    best: Verdict | None


def _track(events: Iterable[Event]) -> list[_Step]:
    """Return the steps of one task, a call each."""
    steps: list[_Step] = []
    for event in events:
        last = steps[-1] if steps else _Step(0.0, None)
        if event.type is EventType.REPLY_RECEIVED:
            known = last.cost_usd is not None and event.cost_usd is not None
            cost = (last.cost_usd or 0.0) + (event.cost_usd or 0.0) if known else None
            steps.append(_Step(cost, last.best))
        elif event.type is EventType.NODE_COMMITTED and event.attempt and steps:
            verdict = event.attempt.verdict
            if last.best is None or better(verdict, last.best):
                steps[-1] = replace(last, best=verdict)
    return steps


def _speed(best: Verdict | None) -> float:
    return best.speedup.median if best is not None and best.correct and best.speedup else 0.0


def _contender(contender: Contender) -> dict[str, Any]:
    report = contender.report
    return {
        "label": contender.label,
        "run": report.folder.id,
        "path": str(report.folder.path),
        "agent": report.config.agent,
        "model": report.config.model,
        "language": report.config.language,
        "tasks": report.score.tasks,
        "correct": report.score.correct,
        "fast_p": {f"{p:g}": share for p, share in report.score.fast_p.items()},
        "geomean_ratio": contender.geomean_ratio,
        "wins": contender.wins,
        "losses": contender.losses,
        "calls": contender.curve[-1].calls if contender.curve else 0,
        "cost_usd": report.cost_usd,
        "usage": report.usage.model_dump(),
        "interrupted": report.interrupted,
        "curve": [asdict(point) for point in contender.curve],
    }
