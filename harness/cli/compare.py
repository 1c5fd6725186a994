"""`harness compare`: runs on the same problems, side by side."""

import sys
from typing import Annotated

import typer

from harness.cli.output import JsonFlag, emit_json
from harness.cli.report import Confident, RunsDir


def compare(
    runs: Annotated[list[str], typer.Argument(help="Ids or paths of two or more runs; the first is the yardstick.")],
    account: Annotated[
        str,
        typer.Option(
            "--account",
            metavar="NAME",
            help="What budgets are counted on: llm_calls, evals, tokens, output_tokens, cost_usd, device_s.",
        ),
    ] = "llm_calls",
    whole: Annotated[
        bool, typer.Option("--whole", help="Compare what the runs came to in the end, whatever each had spent.")
    ] = False,
    confident: Confident = False,
    runs_dir: RunsDir = None,
    as_json: JsonFlag = False,
) -> None:
    """Compare runs on the problems that all of them have, at equal budgets.

    A table paired by problem, and the best so far against what was spent. Where one run spent more than another, the
    tables stand at the budget that every run came to.
    """
    from harness.config import Settings
    from harness.report.compare import compare as compare_runs
    from harness.store import RunFolder

    folder = Settings.load(runs_dir=runs_dir).runs_dir
    found = compare_runs([RunFolder.find(run, folder) for run in runs], account, whole=whole, confident=confident)
    if as_json:
        emit_json(found.to_json())
        return
    from rich.console import Console

    from harness.report.comparison import show_comparison

    # As for a report: into a pipe a table is as wide as its content.
    show_comparison(found, Console(file=sys.stdout, highlight=False, width=None if sys.stdout.isatty() else 160))
