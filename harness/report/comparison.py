"""A comparison on a terminal: at which budget, the paired table, what each run came to, its curve as rows and as a plot."""

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.llm import about_replies
from harness.models import Speedup
from harness.report.compare import Cell, Comparison, Contender, Pair
from harness.report.curves import Account, Point
from harness.report.summary import outcome

PLOT_COLUMNS, PLOT_ROWS = 56, 10
PROBLEM_COLUMNS, INTERVAL_COLUMNS = 14, 21
"""Columns of a terminal that an id takes in a table, and a median with its interval, borders included."""
CURVE_ROWS = 12
"""Longest table of curves; of a longer one every so manieth row is shown, the equal budget, and the last."""
_COLOURS = {1: "green", -1: "red"}


def show_comparison(found: Comparison, console: Console) -> None:
    """Print `found`. Paths and commands are never cut or wrapped, so that they can be copied."""
    for line, holds_path in _heading(found):
        console.print(line, soft_wrap=holds_path)
    console.print(
        Text(), _problems(found, console.width), Text(), _runs(found), Text(), _curves(found), Text(), sep="\n"
    )
    for drawn in plot(found.contenders, found.account):
        console.print(Text(drawn), soft_wrap=True)
    for note in found.notes:
        console.print(Text(f"note: {note}", "yellow"), soft_wrap=True)
    for said in dict.fromkeys(about_replies(contender.report.config.model) for contender in found.contenders):
        if said:
            console.print(Text(said, "dim"))


def _heading(found: Comparison) -> Iterator[tuple[Text, bool]]:
    """Yield lines, and of each whether a path is in it."""
    config = found.contenders[0].report.config
    tasks = f"{len(found.pairs)} task{'s' if len(found.pairs) > 1 else ''}"
    first = f"{len(found.contenders)} runs on {tasks}, paired, tier {config.tier.value}; A is the yardstick"
    yield Text(first, "bold"), False
    for contender in found.contenders:
        report = contender.report
        yield Text(f"{contender.label}: {contender.agent}, {report.config.model}, {report.folder.path}"), True
    account, equal = found.account, found.account.per_task(found.equal_budget)
    if found.budgets_are_equal:
        yield Text(f"equal budgets: {equal}"), False
        return
    each = ", ".join(f"{c.label} {account.text(c.budget)}" for c in found.contenders)
    shown = (
        f"the tables show the ends (--whole); at equal budgets they would stand at {equal}"
        if found.whole
        else f"the tables stand at {equal}, as far as every run goes (--whole: at the ends)"
    )
    yield Text(f"unequal budgets, {account.heading} per task: {each}; {shown}", "yellow"), False


def _problems(found: Comparison, width: int) -> Table:
    """Return the paired table; where it would be wider than `width`, intervals stand below their medians."""
    columns = 2 * len(found.contenders) - 1
    between = " " if PROBLEM_COLUMNS + columns * INTERVAL_COLUMNS <= width else "\n"
    table = Table()
    table.add_column("problem", no_wrap=True)
    for contender in found.contenders:
        table.add_column(f"{contender.label}: {contender.agent}", justify="right")
    for contender in found.contenders[1:]:
        table.add_column(f"{contender.label} / A", justify="right")
    for pair in found.pairs:
        quotients = (_quotient(pair, number, found, between) for number in range(1, len(found.contenders)))
        table.add_row(pair.task, *(_result(cell, between) for cell in pair.cells), *quotients)
    return table


def _result(cell: Cell, between: str) -> Text:
    if cell.speedup is None:
        return Text(cell.status or "none yet", "green" if cell.status == "correct" else "red" if cell.status else "dim")
    style = {"faster": "green", "slower": "red"}.get(outcome(cell.speedup), "yellow")
    return Text(_interval(cell.speedup, between), style)


def _quotient(pair: Pair, number: int, found: Comparison, between: str) -> Text:
    quotient, won = pair.ratios[number], pair.outcome(number)
    if quotient is not None:
        return Text(_interval(quotient, between), _COLOURS.get(won, "yellow"))
    if won == 0:
        return Text("-", "dim")
    return Text(f"only {found.contenders[number].label if won > 0 else 'A'} right", _COLOURS[won])


def _interval(speedup: Speedup, between: str) -> str:
    return f"{speedup.median:.2f}{between}[{speedup.low:.2f}, {speedup.high:.2f}]"


def _runs(found: Comparison) -> Table:
    at = "at the end" if found.whole else f"at {found.account.per_task(found.equal_budget)}"
    table = Table(box=None, padding=(0, 2, 0, 0), title=f"Runs, {at}", title_justify="left")
    table.add_column("run", no_wrap=True)
    for heading in ("correct", "fast_1", "mean speedup", "over A", "wins", "losses", "calls", "cost"):
        table.add_column(heading, justify="right")
    tasks = len(found.pairs)
    for contender in found.contenders:
        first = contender is found.contenders[0]
        point = contender.at(float("inf") if found.whole else found.equal_budget)
        table.add_row(
            f"{contender.label}: {contender.agent}",
            f"{contender.correct} of {tasks}",
            "{:.2f} [{:.2f}, {:.2f}]".format(contender.fast_1, *contender.fast_1_interval) if point else "-",
            f"{point.best_so_far:.2f}" if point else "-",
            "-" if contender.geomean_ratio is None else f"{contender.geomean_ratio:.2f}",
            "-" if first else str(contender.wins),
            "-" if first else str(contender.losses),
            str(point.calls if point else 0),
            _cost(point.cost_usd if point else 0.0),
        )
    return table


def _curves(found: Comparison) -> Table:
    account = found.account
    heading = "cost" if account.name == "cost_usd" else account.heading
    table = Table(
        title="Best so far: mean speedup over the tasks, 0 where none is correct; what it cost",
        title_justify="left",
        caption=f"* {account.per_task(found.equal_budget)}: as far as every run goes; empty where a run had ended",
        caption_justify="left",
    )
    table.add_column(f"{heading} per task", justify="right")
    for contender in found.contenders:
        table.add_column(f"{contender.label}: {contender.agent}", justify="right", no_wrap=True)
        table.add_column("calls", justify="right", no_wrap=True)
        table.add_column("cost", justify="right", no_wrap=True)
    for budget in _thinned(found):
        cells = [cell for contender in found.contenders for cell in _reached(contender, budget)]
        table.add_row(account.text(budget) + ("*" if budget == found.equal_budget else ""), *cells)
    return table


def _reached(contender: Contender, budget: float) -> tuple[str, str, str]:
    point = contender.at(budget)
    if point is None or budget > contender.budget:
        return "", "", ""
    return f"{point.best_so_far:.3f}", str(point.calls), _cost(point.cost_usd)


def _thinned(found: Comparison) -> list[float]:
    """Return the budgets that are shown."""
    budgets = sorted({point.budget for contender in found.contenders for point in contender.curve})
    step = max(1, -(-len(budgets) // CURVE_ROWS))
    kept = {found.equal_budget, *(contender.budget for contender in found.contenders)}
    return [budget for i, budget in enumerate(budgets) if i % step == 0 or budget in kept]


def _cost(cost_usd: float | None) -> str:
    return "unknown" if cost_usd is None else f"${cost_usd:.4f}" if 0 < cost_usd < 1 else f"${cost_usd:.2f}"


def plot(contenders: Sequence[Contender], account: Account) -> list[str]:
    """Return the curves as lines of text: best so far upwards, what was spent to the right, a letter per run.

    Where runs meet, the one that was named last is on top.
    """
    longest = max((contender.budget for contender in contenders), default=0.0)
    start = min((contender.curve[0].budget for contender in contenders if contender.curve), default=0.0)
    highest = max((point.best_so_far for contender in contenders for point in contender.curve), default=0.0)
    if not longest or highest <= 0:
        return []
    width = PLOT_COLUMNS if longest > start else 1
    grid = [[" "] * width for _ in range(PLOT_ROWS)]
    for contender in contenders:
        for column in range(width):
            budget = start + column * (longest - start) / max(1, width - 1)
            point: Point | None = contender.at(budget)
            if point is not None and budget <= contender.budget + 1e-12:
                row = PLOT_ROWS - 1 - round(point.best_so_far / highest * (PLOT_ROWS - 1))
                grid[row][column] = contender.label[-1]
    axis = [f"{highest * (PLOT_ROWS - 1 - row) / (PLOT_ROWS - 1):7.2f} |" for row in range(PLOT_ROWS)]
    lines = [(mark + "".join(row)).rstrip() for mark, row in zip(axis, grid, strict=True)]
    left, right = account.text(start), account.per_task(longest)
    return [*lines, f"{'':8}+{'-' * width}", f"{'':9}{left}{right:>{max(1, width - len(left))}}"]
