"""Runs side by side: what each made of the same problems at one budget, and what that cost. Recomputed from their logs."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from harness.errors import UsageError
from harness.models import Event, Speedup, Status, Verdict
from harness.report.curves import DEFAULT, Account, Point, Step, account_named, curve, reached, track
from harness.report.matching import common_problems, remarks
from harness.report.summary import RunReport, summarise
from harness.score import Interval, Outcome, geometric_mean, ratio, share_interval
from harness.search import task_id
from harness.store import RunFolder, read_events

_RIGHT = (Status.CORRECT.value, Status.INCONCLUSIVE.value)
"""Statuses of kernels whose outputs were all right, timed or not."""
WHOLE = float("inf")
"""Budget of a comparison of what the runs came to in the end."""


@dataclass(frozen=True)
class Cell:
    """What one run made of one task."""

    status: str | None
    """Status of the verdict that counts; null before the first."""
    speedup: Speedup | None
    """Against the baseline."""
    spent: float
    """What the task had been given by then, on the account."""

    @property
    def correct(self) -> bool:
        """Whether its kernel is right, and was judged to the end."""
        return self.status == Status.CORRECT.value


@dataclass(frozen=True)
class Pair:
    """One task in all runs, at one budget."""

    task: str
    """`level1/23`, or `level1/23#1` where runs have several samples."""
    cells: tuple[Cell, ...]
    """Per run, in order: at the budget."""
    ratios: tuple[Speedup | None, ...]
    """Per run: its speedup over the first run's, with a 95 % interval; null where one of them has none."""
    ends: tuple[Cell, ...]
    """Per run, in order: when it ended, whatever it had spent."""

    @property
    def problem(self) -> str:
        """Id of the problem that it is a sample of."""
        name, _, sample = self.task.rpartition("#")
        return name if sample.isdigit() else self.task

    def outcome(self, number: int) -> int:
        """Return 1 where run `number` beats the first one, -1 where it loses, 0 where neither can be said."""
        found = self.ratios[number]
        if found is not None:
            return 1 if found.low > 1 else -1 if found.high < 1 else 0
        mine, first = (self.cells[i].status in _RIGHT for i in (number, 0))
        return int(mine) - int(first)


@dataclass(frozen=True)
class Contender:
    """One run of the comparison."""

    label: str
    """Letter that it goes by."""
    report: RunReport
    """Its own report."""
    curve: tuple[Point, ...]
    """Best so far against what was spent, over the tasks that are compared."""
    budget: float
    """What the task that was given most was given, on the account."""
    correct: int
    """Tasks with a correct kernel at the budget of the comparison."""
    fast_1: float
    """Share of tasks with a correct kernel that is faster than the baseline, at the same budget."""
    fast_1_interval: Interval
    """Its 95 % interval, over problems and over each problem's own interval."""
    geomean_ratio: float | None
    """Geometric mean of its ratios to the first run, over the tasks that have one."""
    wins: int
    """Tasks on which it is faster than the first run, by the whole interval, or right where the first is not."""
    losses: int
    """The other way round."""

    @property
    def agent(self) -> str:
        """Name of its strategy; of a file, its stem."""
        return Path(self.report.config.agent).stem

    @property
    def unfinished(self) -> int:
        """Tasks that have not come to their end."""
        return sum(row.finished is None for row in self.report.rows)

    def at(self, budget: float) -> Point | None:
        """Return what it had reached by `budget`; null where it had spent nothing."""
        return next((point for point in reversed(self.curve) if point.budget <= budget + 1e-12), None)


@dataclass(frozen=True)
class Comparison:
    """Runs on the same problems and tier."""

    contenders: tuple[Contender, ...]
    """The runs, in the order in which they were named; the first is what the others are measured by."""
    pairs: tuple[Pair, ...]
    """Tasks, in the order of the first run."""
    account: Account
    """What a budget is counted on."""
    equal_budget: float
    """Per task, on the account: as far as every run goes. A comparison of strategies holds at equal budgets only."""
    whole: bool
    """Whether the runs are compared at their ends instead."""
    notes: tuple[str, ...]
    """What a reader has to know besides: problems left out, other machines, tasks that are not done."""

    @property
    def budgets_are_equal(self) -> bool:
        """Whether all runs went equally far."""
        return all(contender.budget == self.equal_budget for contender in self.contenders)

    def to_json(self) -> dict[str, Any]:
        """Return the comparison as plain data."""
        return {
            "account": self.account.name,
            "equal_budget": self.equal_budget,
            "budgets_are_equal": self.budgets_are_equal,
            "compared_at": "end" if self.whole else "equal_budget",
            "notes": list(self.notes),
            "runs": [_contender(contender) for contender in self.contenders],
            "problems": [
                {
                    "task": pair.task,
                    "runs": [
                        {**_cell(cell), "ratio": quotient.model_dump() if quotient else None, "end": _cell(end)}
                        for cell, quotient, end in zip(pair.cells, pair.ratios, pair.ends, strict=True)
                    ],
                }
                for pair in self.pairs
            ],
        }


def compare(
    folders: Sequence[RunFolder], account: str = DEFAULT, *, whole: bool = False, confident: bool = False
) -> Comparison:
    """Compare two or more runs on the problems that all of them have: at equal budgets on `account`, or `whole`.

    With `confident`, fast_p counts only tasks whose whole interval of the speedup is above p.

    Raises:
        UsageError: there are fewer than two, they have no problem in common, are not on the same tier, samples, threads
            or baseline, or nothing is known of what they spent on the account.
        StoreError: a folder cannot be read.
    """
    if len(folders) < 2:
        raise UsageError("a comparison needs at least two runs: harness compare RUN RUN")
    counted = account_named(account)
    reports = [summarise(folder, confident=confident) for folder in folders]
    problems = common_problems(reports)
    samples = range(reports[0].config.samples)
    tasks = [task_id(problem, sample) for problem in problems for sample in samples]
    tracks = [_tracks(report, tasks, counted) for report in reports]
    curves = [tuple(curve(found, confident=confident)) for found in tracks]
    equal = min((points[-1].budget if points else 0.0) for points in curves)
    at = WHOLE if whole else equal
    shown = [task if len(samples) > 1 else task.rpartition("#")[0] for task in tasks]
    pairs = tuple(_pair(name, [found[i] for found in tracks], at) for i, name in enumerate(shown))
    contenders = tuple(_make(number, *pair, pairs) for number, pair in enumerate(zip(reports, curves, strict=True)))
    return Comparison(contenders, pairs, counted, equal, whole, tuple(remarks(reports, problems)))


def _tracks(report: RunReport, tasks: Sequence[str], account: Account) -> list[list[Step]]:
    by_task: dict[str, list[Event]] = {task: [] for task in tasks}
    for event in read_events(report.folder.events) if report.folder.events.exists() else []:
        if event.task in by_task:
            by_task[event.task].append(event)
    found = [track(events, account) for events in by_task.values()]
    steps = [step for each in found for step in each]
    if account.name == "cost_usd" and any(step.cost_usd is None for step in steps):
        raise UsageError(f"what run {report.folder.id} cost is not known: compare by --account {DEFAULT}")
    if steps and not any(step.spent for step in steps):
        raise UsageError(
            f"run {report.folder.id} spent nothing on the account {account.name}: compare by --account {DEFAULT}"
        )
    return found


def _pair(task: str, tracks: Sequence[Sequence[Step]], budget: float) -> Pair:
    cells, ends = (tuple(_made(reached(steps, limit)) for steps in tracks) for limit in (budget, WHOLE))
    base = cells[0].speedup
    ratios = tuple(ratio(cell.speedup, base) if cell.speedup and base else None for cell in cells)
    return Pair(task, cells, ratios, ends)


def _made(step: Step) -> Cell:
    best: Verdict | None = step.best
    return Cell(best.status.value, best.speedup, step.spent) if best else Cell(None, None, step.spent)


def _make(number: int, report: RunReport, points: tuple[Point, ...], pairs: Sequence[Pair]) -> Contender:
    ratios = [found.median for pair in pairs if (found := pair.ratios[number]) is not None]
    outcomes = [pair.outcome(number) for pair in pairs]
    confident = report.score.counted_by != "median"
    tasks = [Outcome(pair.problem, pair.cells[number].correct, pair.cells[number].speedup) for pair in pairs]
    return Contender(
        label=chr(ord("A") + number) if number < 26 else f"R{number + 1}",
        report=report,
        curve=points,
        budget=points[-1].budget if points else 0.0,
        correct=sum(pair.cells[number].correct for pair in pairs),
        fast_1=sum(task.above(1, confident=confident) for task in tasks) / len(tasks),
        fast_1_interval=share_interval(tasks, 1, confident=confident),
        geomean_ratio=geometric_mean(ratios) if number else None,
        wins=outcomes.count(1),
        losses=outcomes.count(-1),
    )


def _cell(cell: Cell) -> dict[str, Any]:
    speedup = cell.speedup.model_dump() if cell.speedup else None
    return {"status": cell.status, "speedup": speedup, "spent": cell.spent}


def _contender(contender: Contender) -> dict[str, Any]:
    report = contender.report
    return {
        "label": contender.label,
        "run": report.folder.id,
        "path": str(report.folder.path),
        "agent": contender.agent,
        "model": report.config.model,
        "language": report.config.language,
        "budget": contender.budget,
        "correct": contender.correct,
        "fast_1": contender.fast_1,
        "fast_1_interval": contender.fast_1_interval._asdict(),
        "geomean_ratio": contender.geomean_ratio,
        "wins": contender.wins,
        "losses": contender.losses,
        "unfinished_tasks": contender.unfinished,
        "calls": contender.curve[-1].calls if contender.curve else 0,
        "cost_usd": contender.curve[-1].cost_usd if contender.curve else 0.0,
        "whole_run": {
            "tasks": report.score.tasks,
            "correct": report.score.correct,
            "fast_p": {f"{p:g}": share for p, share in report.score.fast_p.items()},
            "fast_p_interval": {f"{p:g}": ends._asdict() for p, ends in report.score.fast_p_interval.items()},
            "counted_by": report.score.counted_by,
            "cost_usd": report.cost_usd,
            "usage": report.usage.model_dump(),
        },
        "curve": [asdict(point) for point in contender.curve],
    }
