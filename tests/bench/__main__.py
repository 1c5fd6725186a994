"""`make bench`: run the benchmarks, print their tables, keep the numbers in results/bench/.

python -m tests.bench [--only build,startup,aa] [--repeats N] [--problems level1/23] [--load] [--resume REPORT.json]

Reports are written as they grow, so that one that was cut short holds what was measured by then, and can be gone on with.
"""

import argparse
import json
import os
import platform
import sys
from datetime import datetime
from functools import partial
from importlib.metadata import version
from inspect import signature
from pathlib import Path
from typing import Any

import harness
from harness.cli.output import emit_rows
from harness.devices.cpu import facts
from tests.bench import aa, build, emulation, planted, search, share, startup, stopping, tolerance
from tests.bench.process import ROOT

SAID_CHARS = 500
MODULES = (startup, build, emulation, search, aa, planted, stopping, share, tolerance)
BENCHMARKS = {module.NAME: module for module in MODULES}


def machine() -> dict[str, Any]:
    """Return what the numbers depend on."""
    return {
        **facts(),
        "load_average": os.getloadavg()[0],
        "kernel": platform.release(),
        "python": platform.python_version(),
        "torch": version("torch"),
        "harness": harness.__version__,
    }


def arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="How fast the harness itself is.")
    parser.add_argument("--only", default=",".join(BENCHMARKS), help="benchmarks, joined by commas")
    parser.add_argument(
        "--repeats", type=int, help="rounds of each (default: emulation 5, startup 10, build 2, else 1)"
    )
    parser.add_argument("--problems", help="for aa, stopping, share: a selection; for planted: cases")
    parser.add_argument("--load", action="store_true", help="for aa: beside a process that keeps one core busy")
    parser.add_argument("--resume", type=Path, metavar="REPORT", help="go on with a report; its rows are kept")
    parsed = parser.parse_args()
    parsed.only = [name for name in parsed.only.split(",") if name]
    if unknown := set(parsed.only) - set(BENCHMARKS):
        parser.error(f"unknown benchmark '{min(unknown)}' (known: {', '.join(BENCHMARKS)})")
    if parsed.resume and not parsed.resume.is_file():
        parser.error(f"--resume {parsed.resume}: no such file")
    if parsed.repeats is not None and parsed.repeats < 1:
        parser.error("--repeats is at least 1")
    return parsed


def keep(path: Path, report: dict[str, Any], name: str, result: dict[str, Any]) -> None:
    """Put the result of a benchmark, whole or not, into the report on disk."""
    report[name] = result
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".tmp")
    draft.write_text(json.dumps(report, indent=2) + "\n")
    draft.replace(path)


def main() -> int:
    """Run what was asked for. A benchmark that cannot run is reported as such, and the others go on."""
    asked = arguments()
    started = datetime.now().astimezone()
    before: dict[str, Any] = json.loads(asked.resume.read_text()) if asked.resume else {}
    report: dict[str, Any] = {**before, "started": started.isoformat(timespec="seconds"), "machine": machine()}
    path = asked.resume or ROOT / "results" / "bench" / f"{started:%Y%m%d-%H%M%S}.json"
    failed = False
    for name in asked.only:
        benchmark = BENCHMARKS[name]
        print(f"{name} ...", file=sys.stderr, flush=True)
        try:
            offered = {
                "problems": asked.problems,
                "load": asked.load,
                "done": before.get(name),
                "keep": partial(keep, path, report, name),
            }
            wanted = signature(benchmark.measure).parameters
            extra = {key: value for key, value in offered.items() if key in wanted}
            keep(path, report, name, benchmark.measure(asked.repeats or benchmark.REPEATS, **extra))
        except Exception as error:  # the process boundary: the numbers of the other benchmarks are kept
            said = f"{type(error).__name__}: {str(error)[-SAID_CHARS:]}"
            keep(path, report, name, report.get(name, {}) | {"failed": said})
            print(f"{name} failed: {said}", file=sys.stderr)
            failed = True
            continue
        heading, *rows = benchmark.rows(report[name])
        emit_rows(heading, rows)
        print(flush=True)
    print(f"numbers: {path}")
    return 3 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
