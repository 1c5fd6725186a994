"""`harness report`: the results of a run."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.output import JsonFlag, emit_json

if TYPE_CHECKING:
    from harness.report import RunReport

Confident = Annotated[
    bool, typer.Option("--confident", help="Count for fast_p only what is above p with the whole interval.")
]
RunsDir = Annotated[Path | None, typer.Option("--runs-dir", help="Folder of the runs.")]


def report(
    run: Annotated[str, typer.Argument(help="Id or path of a run, or `latest`.")] = "latest",
    confident: Confident = False,
    baseline: Annotated[
        str,
        typer.Option(
            "--baseline", help="What speedups are over: eager, or compile or max-autotune (harness baseline)."
        ),
    ] = "eager",
    runs_dir: RunsDir = None,
    as_json: JsonFlag = False,
) -> None:
    """Show the results of a run, finished or not.

    Over another baseline than eager speedups are derived from two measurements, and the table says so.
    """
    from harness.config import Settings
    from harness.report import summarise
    from harness.report.against import rebased
    from harness.store import RunFolder
    from harness.store.baselines import BaselineStore

    settings = Settings.load(runs_dir=runs_dir)
    found = summarise(RunFolder.find(run, settings.runs_dir), confident=confident)
    print_report(rebased(found, baseline, BaselineStore(settings.baselines_dir)), as_json)


def print_report(found: "RunReport", as_json: bool) -> None:
    """Write a report to stdout, as a table or as one JSON document."""
    if as_json:
        emit_json(found.to_json())
        return
    import sys

    from rich.console import Console

    from harness.report import show

    # Into a file or a pipe a table is as wide as its content, not as the 80 columns that rich then assumes.
    show(found, Console(file=sys.stdout, highlight=False, width=None if sys.stdout.isatty() else 160))
