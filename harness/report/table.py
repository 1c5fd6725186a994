"""The report on a terminal: one row per task, then the scores, then where it is and what to try next."""

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.llm import about_replies
from harness.models import Speedup, Status, Verdict
from harness.report.summary import Row, RunReport, outcome

_STYLES = {Status.CORRECT: "green", Status.INCONCLUSIVE: "yellow", Status.INFRA_ERROR: "magenta"}
_EVIDENCE_CHARS = 90


def show(report: RunReport, console: Console) -> None:
    """Print `report`. Paths and commands are never cut or wrapped, so that they can be copied."""
    console.print(_tasks(report), Text(), _scores(report), Text(), sep="\n")
    for line in _closing(report):
        console.print(line, soft_wrap=True)


def _tasks(report: RunReport) -> Table:
    table = Table(
        title=f"Run {report.folder.id}", title_justify="left", caption=_caption(report), caption_justify="left"
    )
    table.add_column("problem", no_wrap=True)
    table.add_column("name", overflow="fold", max_width=28)
    table.add_column("status", no_wrap=True)
    table.add_column("speedup [95 % interval]", justify="right", no_wrap=True)
    if report.score.sol_tasks:
        table.add_column("of roofline", justify="right", no_wrap=True)
    table.add_column("tries", justify="right", no_wrap=True)
    table.add_column("what happened", overflow="fold", ratio=1)
    for row in report.rows:
        shown = _cells(row, report.config.samples)
        roofline = (_roofline(row),) if report.score.sol_tasks else ()
        table.add_row(*shown[:4], *roofline, *shown[4:])
    return table


def _cells(row: Row, samples: int) -> "tuple[str | Text, ...]":
    problem = row.problem if samples == 1 else f"{row.problem}#{row.sample}"
    if row.best is None:
        return problem, row.name, Text("none yet", "dim"), "", str(len(row.statuses)), row.finished or "not done"
    verdict = row.best.verdict
    return (
        problem,
        row.name,
        Text(verdict.outcome, _STYLES.get(verdict.status, "red")),
        _speedup(verdict.speedup),
        str(len(row.statuses)),
        _what_happened(row, verdict),
    )


def _speedup(speedup: Speedup | None) -> Text:
    if speedup is None:
        return Text("-", "dim")
    style = {"faster": "green", "slower": "red"}.get(outcome(speedup), "yellow")
    return Text(f"{speedup.median:.2f} [{speedup.low:.2f}, {speedup.high:.2f}]", style)


def _roofline(row: Row) -> Text:
    """Return the share of what the machine allows that the kernel reaches, and what bounds it."""
    found = row.best.verdict.roofline if row.best else None
    return Text(f"{found.candidate_share:.0%} {found.bound}") if found else Text("-", "dim")


def _what_happened(row: Row, verdict: Verdict) -> str:
    """Return the way to the verdict, and for a failure its cause."""
    way = _way(row.statuses)
    if verdict.speedup is not None:
        return f"{outcome(verdict.speedup)} than {verdict.baseline}{way}".replace("difference than", "difference to")
    if verdict.correct and not verdict.timed_device:
        return f"not timed{way}"
    evidence = verdict.evidence
    said = " ".join(f"{evidence.where}: {evidence.what}".split() if evidence.where else evidence.what.split())
    return (said if len(said) <= _EVIDENCE_CHARS else said[: _EVIDENCE_CHARS - 1] + "…") + way


def _way(statuses: tuple[str, ...]) -> str:
    return f" ({' > '.join(statuses)})" if len(set(statuses)) > 1 else ""


def _caption(report: RunReport) -> str:
    config = report.config
    parts = [f"{config.model} with agent {config.agent} in {config.language}", f"tier {config.tier.value}"]
    if report.untimed_devices:
        parts.append(f"on {' and '.join(report.untimed_devices)}: no speedup")
    else:
        parts += [
            f"{config.threads} thread{'s' if config.threads > 1 else ''}",
            f"against {' and '.join(report.baselines) or 'eager'} PyTorch",
            "cold cache" if config.options.cold_cache else "warm cache",
        ]
    if report.isolation:
        parts.append(f"isolation {report.isolation}")
    if report.doorbell_ns is not None:
        parts.append(f"doorbell {report.doorbell_ns / 1e3:.0f} µs")
    return ", ".join(parts)


def _scores(report: RunReport) -> Table:
    result = report.score
    table = Table(box=None, padding=(0, 2, 0, 0))
    timed = result.tasks - result.untimed
    table.add_column(f"of {timed if timed else result.untimed} tasks", no_wrap=True)
    for p in result.confident:
        table.add_column(f"p = {p:g}", justify="right", no_wrap=True)
    if result.fast_0_untimed is not None:
        if not timed:
            table.add_column("p = 0", justify="right", no_wrap=True)
        table.add_row("fast_0 of untimed tasks: correct", f"{result.fast_0_untimed:.2f}")
    if result.untimed and not timed:
        return table
    what = "speedup" if result.counted_by == "median" else "lower bound of the speedup"
    table.add_row(f"fast_p: correct, {what} above p", *(f"{share:.2f}" for share in result.fast_p.values()))
    table.add_row(
        "95 % interval of fast_p", *(f"{low:.2f}-{high:.2f}" for low, high in result.fast_p_interval.values())
    )
    table.add_row("tasks with the whole interval above p", *(str(count) for count in result.confident.values()))
    return table


def _closing(report: RunReport) -> Iterator[Text]:
    result = report.score
    mean = "-" if result.geomean_speedup is None else f"{result.geomean_speedup:.2f}"
    if result.untimed == result.tasks and result.tasks:
        yield Text(
            f"{result.correct} of {result.tasks} correct; emulated kernels are not timed, so there is no speedup"
        )
    else:
        yield Text(f"{result.correct} of {result.tasks} correct; geometric mean speedup of the correct ones {mean}")
    if result.sol_score is not None:
        yield Text(
            f"mean SOL score {result.sol_score:.2f} of {result.sol_tasks} tasks: 0.5 is as fast as the baseline, "
            "1 is this machine's roofline"
        )
    if result.infra_errors:
        yield Text(f"{result.infra_errors} could not be judged and do not count (infra_error)", "magenta")
    if report.interrupted:
        waiting = sum(row.finished is None for row in report.rows)
        yield Text(f"{waiting} of {len(report.rows)} tasks are not done: harness resume {report.folder.path}", "yellow")
    if said := about_replies(report.config.model):
        yield Text(said, "dim")
    else:
        cost = "unknown" if report.cost_usd is None else f"${report.cost_usd:.2f}"
        prompt = report.usage.input_uncached + report.usage.input_cached + report.usage.input_cache_write
        yield Text(f"{prompt:,} prompt and {report.usage.output:,} output tokens, cost {cost}", "dim")
    yield Text(f"run   {report.folder.path}")
    yield Text(f"next  {_next_command(report)}")


def _next_command(report: RunReport) -> str:
    """Return the command that looks closer at the best kernel, or at the run where there is none."""
    shown = [row.best for row in report.rows if row.best and row.best.candidate_sha256]
    if not shown:
        return f"harness report {report.folder.path} --json"
    best = max(shown, key=lambda attempt: attempt.verdict.speedup.median if attempt.verdict.speedup else 0.0)
    artifact = report.folder.artifact(best.candidate_sha256 or "")
    language = "" if report.config.language == "cpp" else f" --language {report.config.language}"
    return f"harness eval {best.problem_id} {artifact} --tier {report.config.tier.value}{language}"
