"""`harness baseline`: what eager PyTorch and torch.compile take on this machine."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.output import JsonFlag, console, emit_json, emit_rows

if TYPE_CHECKING:
    from harness.models import Baseline, BaselineForm
    from harness.runs.baselines import Planned

EXIT_INFRASTRUCTURE = 3


def baseline(
    selection: Annotated[
        str, typer.Argument(help="quickstart, level1, an id, a KernelBench file, or several joined by commas.")
    ] = "quickstart",
    tier: Annotated[str | None, typer.Option("--tier", help="Sizes: gpu, cpu or ci.")] = None,
    threads: Annotated[int | None, typer.Option("--threads", help="Threads, and cores, of either side.")] = None,
    modes: Annotated[
        str, typer.Option("--modes", help="eager, compile, max-autotune; joined by commas.")
    ] = "eager,compile,max-autotune",
    force: Annotated[bool, typer.Option("--force", help="Measure again what is there and holds.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would be measured, do nothing.")] = False,
    baselines_dir: Annotated[Path | None, typer.Option("--baselines-dir", help="Folder of the baselines.")] = None,
    as_json: JsonFlag = False,
) -> int:
    """Measure eager PyTorch and torch.compile by the protocol that judges candidates, and keep the result.

    A baseline holds for one machine, its versions, threads and the workload's text; where one of these has changed it is
    measured again. Exits with 3 where a workload has no time at all.
    """
    from harness.config import Settings
    from harness.runs.baselines import measure_all, parse_modes, plan
    from harness.store.baselines import BaselineStore
    from harness.suite import select

    wanted = parse_modes(modes)
    settings = Settings.load(tier=tier, threads=threads, baselines_dir=baselines_dir)
    options = settings.eval_options().model_copy(update={"time_it": True, "strict_shapes": False})
    store = BaselineStore(settings.baselines_dir)
    planned = plan(select(selection), options, wanted, store, force=force)
    for each in planned:
        if each.note:
            console().print(each.note, style="yellow", markup=False, soft_wrap=True)
    if dry_run:
        _print_plan(planned, as_json)
        return 0
    found = []
    with console().status("baselines") as status:
        for each, made in measure_all(planned, options, settings.cache_dir, store, status.update):
            found.append((each, made))
            console().print(f"{each.problem.id}  {_line(made)}", markup=False, soft_wrap=True)
    if as_json:
        emit_json([made for _, made in found])
    else:
        emit_rows(("problem", "tier", "eager ms", *wanted, "from"), [_row(each, made, wanted) for each, made in found])
    timed = all(any(form.speedup for form in made.forms.values()) for _, made in found)
    return 0 if timed else EXIT_INFRASTRUCTURE


def _print_plan(planned: "list[Planned]", as_json: bool) -> None:
    rows = [(each.problem.id, each.work.tier.value, ",".join(each.modes)) for each in planned]
    if as_json:
        emit_json([{"problem": problem, "tier": tier, "measure": modes} for problem, tier, modes in rows])
    else:
        emit_rows(("problem", "tier", "to measure"), [(*row[:2], row[2] or "nothing: it holds") for row in rows])


def _row(planned: "Planned", found: "Baseline", modes: tuple[str, ...]) -> list[str]:
    eager = next((form.eager_ns for form in found.forms.values() if form.eager_ns is not None), None)
    shown = [_cell(found.forms.get(mode)) for mode in modes]
    tier = found.conditions.tier.value
    origin = "measured now" if planned.modes else found.measured
    return [found.conditions.problem_id, tier, "-" if eager is None else f"{eager / 1e6:.3f}", *shown, origin]


def _cell(form: "BaselineForm | None") -> str:
    if form is None:
        return "-"
    if form.speedup is None:
        return str(form.status)
    return f"{form.speedup.median:.2f} [{form.speedup.low:.2f}, {form.speedup.high:.2f}]"


def _line(found: "Baseline") -> str:
    said = [
        f"{mode} {_cell(form)}" + (f" ({form.reason})" if form.reason else "") for mode, form in found.forms.items()
    ]
    return ", ".join(said)
