"""`harness problems list|show`: what is asked."""

from typing import Annotated

import typer

from harness.cli.output import JsonFlag, emit_json, emit_rows, emit_text


def list_(
    level: Annotated[int | None, typer.Option("--level", min=1, help="Only this level.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """List the problems with their tiers."""
    from harness.suite import select

    problems = select("all" if level is None else f"level{level}")
    rows = [{"id": p.id, "name": p.name, "tiers": sorted(p.tiers), "origin": p.origin} for p in problems]
    if as_json:
        emit_json(rows)
    else:
        emit_rows(("id", "name", "tiers"), [(p.id, p.name, " ".join(sorted(p.tiers))) for p in problems])


def show(
    problem: Annotated[str, typer.Argument(help="An id such as level1/23, or a path to a KernelBench file.")],
    tier: Annotated[str | None, typer.Option("--tier", help="Sizes: gpu, cpu or ci.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Print a problem exactly as a model is shown it and as it is graded, at the sizes of one tier."""
    from harness.config import Settings
    from harness.suite import load_problem, workload

    settings = Settings.load(tier=tier)
    graded = workload(load_problem(problem), settings.tier)
    if as_json:
        emit_json(graded)
    else:
        emit_text(graded.source)
