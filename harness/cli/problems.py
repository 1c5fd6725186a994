"""`harness problems list|show|lint|import`: what is asked, and whether it is a fair question."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harness.cli.output import JsonFlag, console, emit_json, emit_rows, emit_text
from harness.models import Tier

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.errors import ProblemError
    from harness.models.audit import LintReport

BAD, UNUSABLE = 1, 2

Suite = Annotated[
    str,
    typer.Argument(
        help="quickstart, all, level1, an id, a file, a folder, a .jsonl or .parquet, or several by commas."
    ),
]
OverlayFile = Annotated[str | None, typer.Option("--overlay", help="TOML file that adds tiers to files without them.")]
Jobs = Annotated[int | None, typer.Option("--jobs", min=1, help="Problems at a time; default one per core.")]


def list_(
    suite: Suite = "all",
    level: Annotated[int | None, typer.Option("--level", min=1, help="Only this level of the suite.")] = None,
    tier: Annotated[Tier, typer.Option("--tier", help="Sizes that GFLOP and MiB are for.")] = Tier.GPU,
    tag: Annotated[str | None, typer.Option("--tag", help="Only problems with this tag.")] = None,
    overlay: OverlayFile = None,
    jobs: Jobs = None,
    as_json: JsonFlag = False,
) -> int:
    """List problems with tags, tiers, FLOPs and minimum traffic. One that does not load is named, and the rest are listed.

    GFLOP counts matrix products, convolutions and attention; MiB is every input, parameter and output moved once.
    """
    from harness.audit import look_up
    from harness.suite import survey

    problems, broken = survey(suite if level is None or suite != "all" else f"level{level}", overlay)
    if level is not None:
        problems = [problem for problem in problems if problem.id.rpartition(":")[2].startswith(f"level{level}/")]
    with console().status("sizing problems"):
        found = look_up(problems, tier, jobs)
    broken += [what for what in found if not isinstance(what, tuple)]
    rows: list[dict[str, Any]] = []
    for problem, known in [what for what in found if isinstance(what, tuple)]:
        if tag is not None and (known is None or tag not in known.tags):
            continue
        rows.append(
            {
                "id": problem.id,
                "name": problem.name,
                "tags": known.tags if known else (),
                "tiers": sorted(problem.tiers),
                "flops": known.flops if known else None,
                "bytes": known.bytes if known else None,
                "parameters": known.parameters if known else None,
                "origin": problem.origin,
            }
        )
    if as_json:
        emit_json(rows)
    else:
        emit_rows(("id", "name", "tags", "tiers", "GFLOP", "MiB"), [_row(row) for row in rows])
    return _complain(broken)


def _row(row: dict[str, Any]) -> tuple[str, ...]:
    sized = row["flops"] is not None
    return (
        row["id"],
        row["name"],
        ",".join(row["tags"]) or "-",
        " ".join(row["tiers"]),
        _short(row["flops"] / 1e9) if sized else "-",
        _short(row["bytes"] / 2**20) if sized else "-",
    )


def _short(value: float) -> str:
    """Return three digits, or all before the point."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def show(
    problem: Annotated[str, typer.Argument(help="An id such as level1/23, or a path to a KernelBench file.")],
    tier: Annotated[str | None, typer.Option("--tier", help="Sizes: gpu, cpu or ci.")] = None,
    overlay: OverlayFile = None,
    as_json: JsonFlag = False,
) -> None:
    """Print a problem exactly as a model is shown it and as it is graded, at the sizes of one tier."""
    from harness.config import Settings
    from harness.suite import load_problem, workload

    settings = Settings.load(tier=tier)
    graded = workload(load_problem(problem, overlay), settings.tier)
    if as_json:
        emit_json(graded)
    else:
        emit_text(graded.source)


def lint(
    suite: Suite = "kernelbench",
    tier: Annotated[Tier, typer.Option("--tier", help="Sizes to try.")] = Tier.CI,
    overlay: OverlayFile = None,
    jobs: Jobs = None,
    memory_budget_gib: Annotated[
        float | None, typer.Option("--memory-budget-gib", min=0, help="Budget of the gpu tier; default 24.")
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Print notes too.")] = False,
    as_json: JsonFlag = False,
) -> int:
    """Prove that problems are fair questions: rules, and a kill score over mechanically made wrong kernels.

    Exits with 0 if every problem passes, with 1 if one fails, and with 2 if one cannot be loaded.
    """
    from functools import partial

    from rich.progress import track

    from harness.audit import each
    from harness.audit.lint import MEMORY_BUDGET_BYTES, lint_problem
    from harness.errors import ProblemError
    from harness.suite import survey

    problems, broken = survey(suite, overlay)
    budget = MEMORY_BUDGET_BYTES if memory_budget_gib is None else int(memory_budget_gib * 2**30)
    task = partial(lint_problem, tier=tier, memory_budget_bytes=budget)
    reports: list[LintReport] = []
    for found in track(
        each(task, problems, jobs=jobs),
        "linting",
        total=len(problems),
        console=console(),
        transient=True,
        disable=not console().is_terminal,
    ):
        if isinstance(found, ProblemError):
            broken.append(found)
        else:
            reports.append(found)
            if not as_json:
                _print_report(found, verbose)
    if as_json:
        emit_json([_as_json(report) for report in reports])
    else:
        emit_text(_summary(reports, len(broken)))
    return _complain(broken) or (0 if all(report.ok for report in reports) else BAD)


def _as_json(report: "LintReport") -> dict[str, Any]:
    return {"ok": report.ok, "kill_score": report.kill_score, **report.model_dump(mode="json")}


def _print_report(report: "LintReport", verbose: bool) -> None:
    from harness.models.audit import Severity

    shown = [f for f in report.findings if verbose or f.severity is Severity.FAILURE]
    if not shown and not verbose:
        return
    score = "-" if report.kill_score is None else f"{report.kill_score:.1%}"
    wrong = len(report.mutants)
    emit_text(f"{'ok  ' if report.ok else 'FAIL'} {report.problem_id}  kill score {score} of {wrong} ({report.origin})")
    for finding in shown:
        emit_text(f"       {finding.severity}: {finding.rule}: {finding.message}")


def _summary(reports: "list[LintReport]", broken: int) -> str:
    """Return the last line for people."""
    failed = sum(not report.ok for report in reports)
    mutants = [mutant for report in reports for mutant in report.mutants]
    killed = sum(mutant.killed for mutant in mutants)
    score = (
        f"{killed / len(mutants):.2%} of {len(mutants)} wrong kernels rejected" if mutants else "no wrong kernels tried"
    )
    kinds = len({mutant.kind for mutant in mutants})
    unusable = f", {broken} could not be loaded" if broken else ""
    return f"{len(reports) - failed} of {len(reports)} problems pass; {score} ({kinds} kinds){unusable}"


def import_(
    path: Annotated[str, typer.Argument(help="A folder of KernelBench files, or its dataset rows (.jsonl, .parquet).")],
    into: Annotated[str, typer.Option("--into", help="Folder to make; a selection like any other afterwards.")],
    overlay: OverlayFile = None,
    sizes: Annotated[
        bool, typer.Option("--sizes/--no-sizes", help="Look for ci sizes, and write them as the suite's overlay.")
    ] = True,
    jobs: Jobs = None,
    as_json: JsonFlag = False,
) -> int:
    """Read KernelBench files or dataset rows, unmodified, as a suite of their own, and find small sizes for them.

    Writes levelN/ID_Name.py and overlay.toml. Exits with 2 if a problem cannot be loaded; the others are imported.
    """
    from harness.audit import import_suite

    with console().status(f"importing {path}"):
        made = import_suite(path, Path(into).expanduser(), overlay, sizes=sizes, jobs=jobs)
    if as_json:
        emit_json({"folder": str(made.folder), "problems": made.problems, "sized": made.sized})
    else:
        sized = f", {made.sized} of them with ci sizes" if sizes else ""
        emit_text(f"{made.problems} problems in {made.folder}{sized}")
        emit_text(f"next: harness problems lint {made.folder}")
    return _complain(made.broken)


def _complain(broken: "Iterable[ProblemError]") -> int:
    """Print one line for every problem that is of no use, and return the exit code."""
    lines = [" ".join(str(error).split()) for error in broken]
    for line in lines:
        console().print(f"harness: {line}", markup=False, soft_wrap=True)
    return UNUSABLE if lines else 0
