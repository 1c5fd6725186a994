"""A comparison on a terminal: the paired table, what each run came to, its curve as rows and as a small plot."""

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.models import Speedup
from harness.report.compare import Comparison, Contender, Pair, Point
from harness.report.summary import outcome

PLOT_COLUMNS, PLOT_ROWS = 56, 10
CURVE_ROWS = 12
"""Longest table of a curve; of a longer one every so manieth point is shown, and the last."""


def show_comparison(found: Comparison, console: Console) -> None:
    """Print `found`."""
    console.print(_problems(found), Text(), _runs(found), Text(), sep="\n")
    console.print(_curves(found), sep="\n")
    for line in plot(found.contenders):
        console.print(Text(line), soft_wrap=True)
    for contender in found.contenders:
        console.print(Text(f"{contender.label}  {contender.report.folder.path}"), soft_wrap=True)


def _problems(found: Comparison) -> Table:
    config = found.contenders[0].report.config
    table = Table(title=f"Paired by problem, tier {config.tier.value}", title_justify="left")
    table.add_column("problem", no_wrap=True)
    for contender in found.contenders:
        table.add_column(f"{contender.label}: {contender.report.config.agent}", no_wrap=True)
        table.add_column("speedup", justify="right", no_wrap=True)
    for contender in found.contenders[1:]:
        table.add_column(f"{contender.label}/A [95 %]", justify="right", no_wrap=True)
    for pair in found.pairs:
        table.add_row(pair.task, *_cells(pair))
    return table


def _cells(pair: Pair) -> Iterator[Text]:
    for cell in pair.cells:
        yield Text(cell.status or "none yet", "green" if cell.status == "correct" else "red")
        yield Text(f"{cell.speedup.median:.2f}" if cell.speedup else "-")
    for found in pair.ratios[1:]:
        yield _interval(found)


def _interval(found: Speedup | None) -> Text:
    if found is None:
        return Text("-", "dim")
    style = {"faster": "green", "slower": "red"}.get(outcome(found), "yellow")
    return Text(f"{found.median:.2f} [{found.low:.2f}, {found.high:.2f}]", style)


def _runs(found: Comparison) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("run", "agent", "model"):
        table.add_column(heading, no_wrap=True)
    for heading in ("correct", "fast_1", "over A", "wins", "losses", "calls", "cost"):
        table.add_column(heading, justify="right", no_wrap=True)
    for contender in found.contenders:
        report, first = contender.report, contender is found.contenders[0]
        score = report.score
        table.add_row(
            contender.label,
            report.config.agent,
            report.config.model,
            f"{score.correct} of {score.tasks}",
            f"{score.fast_p[1.0]:.2f}" if score.fast_p else "-",
            "-" if contender.geomean_ratio is None else f"{contender.geomean_ratio:.2f}",
            "-" if first else str(contender.wins),
            "-" if first else str(contender.losses),
            str(contender.curve[-1].calls if contender.curve else 0),
            _cost(report.cost_usd),
        )
    return table


def _curves(found: Comparison) -> Table:
    table = Table(
        title="Best so far (mean speedup, 0 where nothing is correct yet)",
        title_justify="left",
        caption=f"every run goes as far as {found.equal_calls} calls per task: compare strategies there",
        caption_justify="left",
    )
    table.add_column("run", no_wrap=True)
    for heading in ("calls per task", "calls", "cost", "correct", "fast_1", "best so far"):
        table.add_column(heading, justify="right", no_wrap=True)
    for contender in found.contenders:
        for point in _thinned(contender.curve, found.equal_calls):
            table.add_row(
                contender.label,
                str(point.calls_per_task),
                str(point.calls),
                _cost(point.cost_usd),
                f"{point.correct:.2f}",
                f"{point.fast_1:.2f}",
                f"{point.best_so_far:.3f}",
            )
    return table


def _thinned(curve: Sequence[Point], always: int) -> list[Point]:
    step = max(1, -(-len(curve) // CURVE_ROWS))
    kept = {always - 1, len(curve) - 1}
    return [point for i, point in enumerate(curve) if i % step == 0 or i in kept]


def _cost(cost_usd: float | None) -> str:
    return "unknown" if cost_usd is None else f"${cost_usd:.4f}"


def plot(contenders: Sequence[Contender]) -> list[str]:
    """Return the curves as lines of text: best so far upwards, calls per task to the right, a letter per run.

    Where runs meet, the one that was named last is on top.
    """
    longest = max((len(contender.curve) for contender in contenders), default=0)
    highest = max((point.best_so_far for contender in contenders for point in contender.curve), default=0.0)
    if not longest or highest <= 0:
        return []
    width = PLOT_COLUMNS if longest > 1 else 1
    grid = [[" "] * width for _ in range(PLOT_ROWS)]
    for contender in contenders:
        for column in range(width):
            calls = 1 + column * (longest - 1) / max(1, width - 1)
            if calls > len(contender.curve):
                break
            reached = contender.curve[int(calls + 1e-9) - 1].best_so_far
            grid[PLOT_ROWS - 1 - round(reached / highest * (PLOT_ROWS - 1))][column] = contender.label[-1]
    axis = [f"{highest * (PLOT_ROWS - 1 - row) / (PLOT_ROWS - 1):7.2f} |" for row in range(PLOT_ROWS)]
    lines = [(mark + "".join(row)).rstrip() for mark, row in zip(axis, grid, strict=True)]
    return [*lines, f"{'':8}+{'-' * width}", f"{'':9}1{f'{longest} calls per task':>{max(1, width - 1)}}"]
