"""`harness run` and `harness resume`: from a selection of problems to a table."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from harness.cli.output import JsonFlag, console, emit_json, emit_text
from harness.cli.report import Confident, RunsDir, print_report
from harness.cli.untimed import fitting, require_speedup

if TYPE_CHECKING:
    from harness.config import Settings
    from harness.report import RunReport
    from harness.runs import Prepared
    from harness.store import RunFolder

BELOW, INFRASTRUCTURE, INTERRUPTED = 1, 3, 130

FailUnder = Annotated[
    float | None, typer.Option("--fail-under", min=0, max=1, metavar="P", help="Exit with 1 if fast_1 is below P.")
]
Workers = Annotated[int | None, typer.Option("--workers", min=1, help="Tasks in flight at once.")]


def run(
    suite: Annotated[
        str, typer.Argument(help="quickstart, all, level1, an id, a KernelBench file, or several joined by commas.")
    ] = "quickstart",
    model: Annotated[str | None, typer.Option("--model", help="provider/model.")] = None,
    agent: Annotated[str | None, typer.Option("--agent", help="Strategy (harness agents list).")] = None,
    tier: Annotated[str | None, typer.Option("--tier", help="Sizes: gpu, cpu or ci.")] = None,
    language: Annotated[str | None, typer.Option("--language", help="Kernel language to ask for.")] = None,
    threads: Annotated[int | None, typer.Option("--threads", help="Threads that a kernel may use.")] = None,
    cold: Annotated[
        bool | None,
        typer.Option("--cold/--warm", help="Time with the caches evicted (default), or as they are."),
    ] = None,
    samples: Annotated[int | None, typer.Option("--samples", help="Independent searches per problem.")] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="Seed of the search's random choices.")] = None,
    max_cost: Annotated[
        float | None, typer.Option("--max-cost", min=0, metavar="USD", help="Never spend more than this on the model.")
    ] = None,
    profile: Annotated[
        bool | None, typer.Option("--profile/--no-profile", help="Tell the model where the time of its kernel goes.")
    ] = None,
    workers: Workers = None,
    record: Annotated[
        str | None, typer.Option("--record", metavar="NAME", help="Keep the replies, for --model recorded/NAME.")
    ] = None,
    fail_under: FailUnder = None,
    confident: Confident = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the plan and its cost, do nothing.")] = False,
    runs_dir: RunsDir = None,
    as_json: JsonFlag = False,
) -> None:
    """Let a model or an agent answer problems, judge the kernels, print the table.

    Exit code: 0 done, 1 below --fail-under, 2 usage, 3 infrastructure, 130 interrupted (harness resume goes on).
    """
    from harness.config import Settings
    from harness.languages import device_for
    from harness.runs import make_config, prepare
    from harness.runs.execution import begin
    from harness.store import RunFolder

    settings = Settings.load(
        model=model,
        agent=agent,
        tier=tier,
        language=language,
        threads=threads,
        cold_cache=cold,
        samples=samples,
        seed=seed,
        max_cost_usd=max_cost,
        profile=profile,
        max_workers=workers,
        runs_dir=runs_dir,
    )
    settings = fitting(settings)
    prepared = prepare(make_config(suite, settings, record))
    if dry_run:
        _print_plan(prepared, as_json)
        return
    require_speedup(device_for(settings.language), fail_under)  # says what is missing before a folder is made
    prepared.check_models()
    folder = RunFolder.create(settings.runs_dir, suite)
    begin(prepared, folder)
    _go(prepared, folder, settings, fail_under, confident, as_json)


def resume(
    run: Annotated[str, typer.Argument(help="Id or path of a run, or `latest`.")] = "latest",
    workers: Workers = None,
    fail_under: FailUnder = None,
    confident: Confident = False,
    runs_dir: RunsDir = None,
    as_json: JsonFlag = False,
) -> None:
    """Go on with a run that was interrupted; nothing is bought or judged twice."""
    from harness.config import Settings
    from harness.runs import reopen
    from harness.store import RunFolder

    settings = Settings.load(max_workers=workers, runs_dir=runs_dir)
    folder = RunFolder.find(run, settings.runs_dir)
    reopened = reopen(folder)
    for warning in reopened.warnings:
        console().print(f"since this run began, {warning}", style="yellow", markup=False)
    _go(reopened.prepared, folder, settings, fail_under, confident, as_json)


def _go(
    prepared: "Prepared",
    folder: "RunFolder",
    settings: "Settings",
    fail_under: float | None,
    confident: bool,
    as_json: bool,
) -> None:
    """Run what is left, print the report, and exit with the code that the outcome asks for."""
    from harness.cli.progress import RunProgress
    from harness.report import summarise
    from harness.runs import LocalExecutor, execute

    resume_command = f"harness resume {folder.path}"
    executor = LocalExecutor(prepared.config.eval_options(), settings.cache_dir, prepared.config.language)
    try:
        with RunProgress(len(prepared.plan().tasks)) as monitor:
            outcome = execute(prepared, folder, executor, monitor, settings.max_workers)
    except KeyboardInterrupt:
        console().print(f"interrupted; go on with: {resume_command}", markup=False, soft_wrap=True)
        raise typer.Exit(INTERRUPTED) from None
    report = summarise(folder, confident=confident)
    print_report(report, as_json)
    if outcome.failure is not None:
        console().print(f"stopped; go on with: {resume_command}", markup=False, soft_wrap=True)
        raise outcome.failure
    if outcome.interrupted:
        console().print(f"interrupted; go on with: {resume_command}", markup=False, soft_wrap=True)
        raise typer.Exit(INTERRUPTED)
    code = exit_code(report, fail_under)
    if code:
        raise typer.Exit(code)


def exit_code(report: "RunReport", fail_under: float | None) -> int:
    """Return the exit code of a run that came to its end, and say on stderr why where it is not 0."""
    score = report.score
    if score.tasks == 0:
        console().print("no task could be judged (infra_error): harness doctor", style="red", markup=False)
        return INFRASTRUCTURE
    if fail_under is not None and score.fast_p.get(1.0, 0.0) < fail_under:
        low, high = score.fast_p_interval.get(1.0, (0.0, 0.0))
        share = f"{score.fast_p.get(1.0, 0.0):.3f} [{low:.3f}, {high:.3f}]"
        said = f"fast_1 is {share}, below --fail-under {fail_under:g}"
        console().print(said, style="red", markup=False)
        return BELOW
    return 0


def _print_plan(prepared: "Prepared", as_json: bool) -> None:
    plan = prepared.plan()
    data: dict[str, Any] = {
        "config": prepared.config.model_dump(mode="json"),
        "tasks": [task.id for task in plan.tasks],
        "max_calls": plan.max_calls,
        "max_evaluations": plan.max_calls,
        "input_tokens": plan.input_tokens,
        "max_output_tokens": plan.max_output_tokens,
        "max_cost_usd": plan.max_cost_usd,
    }
    if as_json:
        emit_json(data)
        return
    cost = "not known: no price for this model" if plan.max_cost_usd is None else f"${plan.max_cost_usd:.2f}"
    config = prepared.config
    emit_text(
        f"{len(plan.tasks)} tasks: {', '.join(task.id for task in plan.tasks)}\n"
        f"model {config.model}, agent {config.agent}, language {config.language}, "
        f"tier {config.tier.value}, threads {config.threads}\n"
        f"at most {plan.max_calls} calls and as many evaluations\n"
        f"about {plan.input_tokens:,} prompt tokens, at most {plan.max_output_tokens:,} output tokens\n"
        f"cost at most: {cost}"
    )
