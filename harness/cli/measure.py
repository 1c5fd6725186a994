"""`harness doctor --measure`: how small a difference this machine can tell."""

from datetime import datetime
from typing import TYPE_CHECKING

from harness.cli.output import console, emit_json, emit_rows

if TYPE_CHECKING:
    from harness.config import Settings
    from harness.models import AAReading, AAReport

PROBLEMS = "level1/23,level1/36,level1/42,level2/86"
"""A row-wise reduction, a normalisation, a window and a matrix product with a chain behind it."""
REPEATS = 3
INTERRUPTED, INFRASTRUCTURE = 130, 3


def measure(problems: str, repeats: int, *, as_json: bool) -> int:
    """Run the A/A test, show it, and keep it in the cache if it came to its end.

    Returns 130 where Ctrl-C ended it, after what was measured by then was shown, and 3 where nothing could be judged.

    Raises:
        UsageError, ProblemError, ToolchainError, StoreError, SandboxError: before or instead of the first reading.
    """
    from harness.audit import aa
    from harness.config import Settings
    from harness.judge import Judge
    from harness.suite import select, workload

    settings = Settings.load(time_it=True)
    chosen = select(problems)
    for problem in chosen:
        workload(problem, settings.tier)  # a missing tier is said before anything is started
    readings: list[AAReading] = []
    total, interrupted = len(chosen) * repeats, False
    with console().status(f"A/A test: 0 of {total}") as status:
        try:
            with Judge(settings.eval_options(), settings.cache_dir) as judge:
                for reading in aa.rounds(judge, chosen, repeats):
                    readings.append(reading)
                    status.update(f"A/A test: {len(readings)} of {total}")
        except KeyboardInterrupt:
            interrupted = True
    report = make_report(readings, settings, complete=not interrupted)
    if report.complete:
        aa.save(report, settings.cache_dir)
    if as_json:
        emit_json(report)
    else:
        _print(report)
    if interrupted:
        console().print(f"interrupted after {len(readings)} of {total} readings; nothing is kept", markup=False)
        return INTERRUPTED
    return INFRASTRUCTURE if len(aa.failures(readings)) == len(readings) else 0


def make_report(readings: "list[AAReading]", settings: "Settings", *, complete: bool) -> "AAReport":
    """Return a report of readings that were made under `settings`."""
    from harness.audit import aa
    from harness.devices.cpu import facts
    from harness.models import AAReport

    summary = aa.summarise(readings)
    return AAReport(
        measured_at=datetime.now().astimezone().isoformat(timespec="seconds"),
        complete=complete,
        tier=settings.tier,
        threads=settings.threads,
        cold_cache=settings.cold_cache,
        machine=facts(),
        readings=readings,
        summary=summary,
        can_tell_5_percent=aa.tells(summary),
        line=aa.in_words(summary),
    )


def kept(settings: "Settings") -> "tuple[AAReport | None, str]":
    """Return the last A/A test of this machine with its date in words, or None and what to do."""
    from harness.audit import aa
    from harness.devices.cpu import facts

    report = aa.load(settings.cache_dir)
    if report is None:
        return None, "not measured yet: harness doctor --measure"
    day = report.measured_at[:16].replace("T", " ")
    threads = f"{report.threads} thread{'s' if report.threads > 1 else ''}"
    where = "" if report.machine == facts() else "on another machine, "
    again = " - measure again: harness doctor --measure" if where or report.threads != settings.threads else ""
    return report, f"{report.line}; measured {where}{day}, {threads}, tier {report.tier}{again}"


def _print(report: "AAReport") -> None:
    from harness.audit import aa

    heading = ("problem", "round", "ratio", "95 % interval", "has 1.0", "pairs", "stopped by", "eager ms", "wall s")
    rows = []
    for reading in report.readings:
        found = reading.speedup
        rows.append(
            (
                reading.problem_id,
                str(reading.round),
                f"{found.median:.3f}" if found else reading.status.value,
                f"[{found.low:.3f}, {found.high:.3f}]" if found else "",
                ("yes" if found.low <= 1 <= found.high else "no") if found else "",
                str(reading.pairs),
                reading.stopped or "",
                f"{reading.reference_ns / 1e6:.2f}",
                f"{reading.elapsed_ns / 1e9:.1f}",
            )
        )
    if rows:
        emit_rows(heading, rows)
        print()
    for failure in aa.failures(report.readings):
        print(f"not judged: {failure}")
    print(report.line)
