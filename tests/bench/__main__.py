"""`make bench`: run the benchmarks, print their tables, keep the numbers in results/bench/.

python -m tests.bench [--only build,startup,aa] [--repeats N]
"""

import argparse
import json
import os
import platform
import sys
from datetime import datetime
from importlib.metadata import version
from typing import Any

import harness
from harness.cli.output import emit_rows
from harness.devices.cpu import facts
from tests.bench import aa, build, emulation, search, startup
from tests.bench.process import ROOT

SAID_CHARS = 500
BENCHMARKS = {module.NAME: module for module in (startup, build, emulation, search, aa)}


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
    parsed = parser.parse_args()
    parsed.only = [name for name in parsed.only.split(",") if name]
    if unknown := set(parsed.only) - set(BENCHMARKS):
        parser.error(f"unknown benchmark '{min(unknown)}' (known: {', '.join(BENCHMARKS)})")
    if parsed.repeats is not None and parsed.repeats < 1:
        parser.error("--repeats is at least 1")
    return parsed


def main() -> int:
    """Run what was asked for. A benchmark that cannot run is reported as such, and the others go on."""
    asked = arguments()
    started = datetime.now().astimezone()
    report: dict[str, Any] = {"started": started.isoformat(timespec="seconds"), "machine": machine()}
    failed = False
    for name in asked.only:
        benchmark = BENCHMARKS[name]
        print(f"{name} ...", file=sys.stderr, flush=True)
        try:
            report[name] = benchmark.measure(asked.repeats or benchmark.REPEATS)
        except Exception as error:  # the process boundary: the numbers of the other benchmarks are kept
            said = f"{type(error).__name__}: {str(error)[-SAID_CHARS:]}"
            report[name] = {"failed": said}
            print(f"{name} failed: {said}", file=sys.stderr)
            failed = True
            continue
        heading, *rows = benchmark.rows(report[name])
        emit_rows(heading, rows)
        print(flush=True)
    path = ROOT / "results" / "bench" / f"{started:%Y%m%d-%H%M%S}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report, indent=2) + "\n")
    print(f"numbers: {path}")
    return 3 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
