"""`harness eval`: one candidate, one verdict."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.describe import describe
from harness.cli.output import JsonFlag, console, emit_json, emit_text
from harness.cli.untimed import fitting, require_speedup
from harness.errors import UsageError
from harness.models import Candidate, Problem, Status, Verdict, sha256_hex

if TYPE_CHECKING:
    from harness.config import Settings

EXIT_BELOW = 1
EXIT_INFRASTRUCTURE = 3


def eval_(
    problem: Annotated[str, typer.Argument(help="An id such as level1/23, or a path to a KernelBench file.")],
    candidate: Annotated[
        str,
        typer.Argument(
            help="A Python file that defines ModelNew; - reads stdin; `reference` is the problem itself (A/A)."
        ),
    ],
    tier: Annotated[str | None, typer.Option("--tier", help="Sizes: gpu, cpu or ci.")] = None,
    overlay: Annotated[str | None, typer.Option("--overlay", help="TOML file that adds tiers to PROBLEM.")] = None,
    language: Annotated[str | None, typer.Option("--language", help="Kernel language of the candidate.")] = None,
    threads: Annotated[int | None, typer.Option("--threads", help="Threads, and cores, of either side.")] = None,
    entry: Annotated[str, typer.Option("--entry", help="Class to judge; Model judges a reference.")] = "ModelNew",
    time_it: Annotated[bool | None, typer.Option("--time/--no-time", help="Whether to measure a speedup.")] = None,
    cold: Annotated[
        bool | None,
        typer.Option("--cold/--warm", help="Evict the caches before each call (default), or leave them as they are."),
    ] = None,
    sanitize: Annotated[
        bool | None,
        typer.Option("--sanitize/--no-sanitize", help="Check emulated kernels for races, bounds, barriers (default)."),
    ] = None,
    arch: Annotated[
        list[str] | None,
        typer.Option("--arch", help="Chip to compile for, such as sm_90: registers, spills, occupancy. Repeatable."),
    ] = None,
    profile: Annotated[
        bool | None, typer.Option("--profile/--no-profile", help="Say where the time of a correct candidate goes.")
    ] = None,
    strict_shapes: Annotated[
        bool | None, typer.Option("--strict-shapes/--no-strict-shapes", help="Unseen sizes must be right as well.")
    ] = None,
    call_timeout_s: Annotated[float | None, typer.Option("--call-timeout-s", help="Limit of one call.")] = None,
    build_timeout_s: Annotated[float | None, typer.Option("--build-timeout-s", help="Limit of compiling.")] = None,
    fail_under: Annotated[
        float | None, typer.Option("--fail-under", help="Exit with 1 unless correct and at least this fast.")
    ] = None,
    as_json: JsonFlag = False,
) -> int:
    """Judge one candidate file against one problem and print the verdict.

    Exits with 0 if the candidate is correct (and as fast as --fail-under asks), with 1 if not, and with 3 if the harness
    or the machine failed.
    """
    from harness.config import Settings
    from harness.languages import device_for
    from harness.suite import load_problem, workload

    settings = Settings.load(
        tier=tier,
        language=language,
        threads=threads,
        time_it=time_it,
        cold_cache=cold,
        strict_shapes=strict_shapes,
        sanitize=sanitize,
        archs=tuple(arch) if arch else None,
        profile=profile,
        call_timeout_s=call_timeout_s,
        build_timeout_s=build_timeout_s,
    )
    settings = fitting(settings)
    if fail_under is not None:
        require_speedup(device_for(settings.language), fail_under)
    asked = load_problem(problem, overlay)
    if tier is None and settings.tier not in asked.tiers:  # an upstream file has the sizes that it has
        settings = settings.model_copy(update={"tier": next(iter(asked.tiers))})
        console().print(f"{asked.id} has no tiers: judged at its own sizes ({settings.tier})")
    work = workload(asked, settings.tier)  # a missing tier is the request's fault: say so before anything is started
    if candidate == "reference" and not Path(candidate).exists():
        answer = Candidate(
            source=work.source, sha256=work.sha256, language=settings.language, origin="reference", entry="Model"
        )
    else:
        answer = read_candidate(candidate, settings.language, entry)
    verdict = _judge(asked, answer, settings)
    if as_json:
        emit_json(verdict)
    else:
        from harness.report.against import lines
        from harness.store.baselines import BaselineStore

        emit_text("\n".join([describe(verdict), *lines(verdict, BaselineStore(settings.baselines_dir))]))
    return exit_code(verdict, fail_under)


def _judge(problem: Problem, candidate: Candidate, settings: "Settings") -> Verdict:
    """Start a judge, ask it, and show on stderr what it is doing."""
    from harness.judge import Judge

    with (
        console().status(f"judging {candidate.origin} on {problem.id} ({settings.tier})") as status,
        Judge(settings.eval_options(), settings.cache_dir, candidate.language) as judge,
    ):
        return judge.evaluate(problem, candidate, lambda stage: status.update(f"{problem.id}: {stage}"))


def read_candidate(path: str, language: str, entry: str = "ModelNew") -> Candidate:
    """Read a candidate from a file, or from stdin where `path` is `-`.

    Raises:
        UsageError: there is no such file, or it is not text.
    """
    try:
        raw = sys.stdin.buffer.read() if path == "-" else Path(path).expanduser().read_bytes()
        source = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not UTF-8 text (byte {error.start})") from None
    except OSError as error:
        raise UsageError(f"candidate {path}: {error.strerror}") from None
    digest = sha256_hex(source)
    return Candidate(source=source, sha256=digest, language=language, origin=path, entry=entry)


def exit_code(verdict: Verdict, fail_under: float | None) -> int:
    """Return 3 where the harness or machine failed, 1 where the candidate did or is slower than `fail_under`, else 0."""
    if verdict.status in (Status.INFRA_ERROR, Status.INCONCLUSIVE):
        return EXIT_INFRASTRUCTURE
    if not verdict.correct:
        return EXIT_BELOW
    fast = verdict.speedup is not None and verdict.speedup.median >= (fail_under or 0.0)
    return 0 if fast or not fail_under else EXIT_BELOW
