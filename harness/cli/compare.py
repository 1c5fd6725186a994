"""`harness compare`: runs on the same problems, side by side."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from harness.cli.output import JsonFlag, emit_json

RunsDir = Annotated[Path | None, typer.Option("--runs-dir", help="Folder of the runs.")]


def compare(
    runs: Annotated[list[str], typer.Argument(help="Ids or paths of two or more runs; the first is the yardstick.")],
    runs_dir: RunsDir = None,
    as_json: JsonFlag = False,
) -> None:
    """Compare runs on the same problems: a table paired by problem, and best-so-far against calls and cost."""
    from harness.config import Settings
    from harness.report.compare import compare as compare_runs
    from harness.store import RunFolder

    folder = Settings.load(runs_dir=runs_dir).runs_dir
    found = compare_runs([RunFolder.find(run, folder) for run in runs])
    if as_json:
        emit_json(found.to_json())
        return
    from rich.console import Console

    from harness.report.comparison import show_comparison

    # As for a report: into a pipe a table is as wide as its content.
    show_comparison(found, Console(file=sys.stdout, highlight=False, width=None if sys.stdout.isatty() else 160))
